import { Deadline } from '@node-termination-handler/clock';
import { labelValue } from '@node-termination-handler/event-parsers';
import type { EventId } from '@node-termination-handler/event-parsers';
import type { ClaimRecord } from '../claim.ts';
import type { Cluster, ClusterMark, ClusterMarked, ClusterNode } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { cordonedFor } from '../marks.ts';

/** How one node's drain ended. */
export interface DrainEnd {
  readonly outcome: 'drained' | 'failed' | 'cancelled';
  readonly reason: string;
  readonly podsEvicted: number;
  /** Names of the pods that were on the node, those that stay included: what webhook templates have as `.Pods`. */
  readonly pods: readonly string[];
  readonly podsLeft: readonly string[];
  readonly durationMs: number;
}

/** A drain that one event has begun and others may have joined. */
export interface RunningDrain {
  readonly deadline: Deadline;
  readonly end: Promise<DrainEnd>;
}

interface OwnDrain extends RunningDrain {
  readonly abort: AbortController;
  readonly users: Set<EventId>;
}

/**
 * How many events are remembered for one node: a hundred times what a node sees in its life. Where more come than that, the oldest
 * is forgotten, and the node is not given back by this process any more: somebody may still hold it of whom it does not know.
 */
const REMEMBERED_EVENTS = 100;

/**
 * All that is done to one node, whatever number of events ask for it.
 *
 * Events hold the node; the first that wants a drain begins it, later ones join it and can only tighten its deadline;
 * when the last hold is dropped, what was done can be taken back.
 */
export class NodeWork {
  readonly #cluster: Cluster;
  /** Who holds the node; with the event itself once its work is done as far as a later cancellation has to take it back. */
  readonly #holds = new Map<EventId, NodeInterruption | undefined>();
  /** Every event that has held the node since this process began, as label values. */
  readonly #everHeld = new Set<string>();
  #hasForgotten = false;
  #node: ClusterNode;
  #cordonedByUs = false;
  #hasMarked = false;
  #writes: Promise<unknown> = Promise.resolve();
  #drain: OwnDrain | undefined;

  constructor(cluster: Cluster, node: ClusterNode) {
    this.#cluster = cluster;
    this.#node = node;
  }

  /** The node as it was last seen. */
  get node(): ClusterNode {
    return this.#node;
  }

  /** Takes note of a newer look at the node. */
  seen(node: ClusterNode): void {
    this.#node = node;
  }

  get isIdle(): boolean {
    return this.#drain === undefined;
  }

  /** Whether this process, or an earlier one for an event that this one has seen, cordoned the node. */
  get cordonedByUs(): boolean {
    return this.#cordonedByUs || this.#everHeld.has(cordonedFor(this.#node) ?? '');
  }

  /** Whether this process has put its marks on the node. */
  get hasMarked(): boolean {
    return this.#hasMarked;
  }

  /** How many events hold the node. */
  get holds(): number {
    return this.#holds.size;
  }

  isHeldBy(id: EventId): boolean {
    return this.#holds.has(id);
  }

  hold(id: EventId): void {
    if (!this.#holds.has(id)) this.#holds.set(id, undefined);
    this.#everHeld.add(labelValue(id));
    this.#forgetOldest();
  }

  /** Remembers the event of a hold, so that its cancellation is known after its work has ended. */
  keep(event: NodeInterruption): void {
    if (this.#holds.has(event.id)) this.#holds.set(event.id, event);
  }

  /** The event that was kept with a hold. */
  kept(id: EventId): NodeInterruption | undefined {
    return this.#holds.get(id);
  }

  /** Ends an event's hold, stops the drain when no event is left that wants it, and tells whether the node is free now. */
  drop(id: EventId): 'held' | 'free' | 'not-held' {
    if (this.#drain?.users.delete(id) === true && this.#drain.users.size === 0) this.#drain.abort.abort();
    if (!this.#holds.delete(id)) return 'not-held';
    return this.#holds.size > 0 || this.#hasForgotten ? 'held' : 'free';
  }

  /** Marks the node for an event. */
  mark(mark: ClusterMark, signal: AbortSignal): Promise<ClusterMarked> {
    return this.#write(async () => {
      const result = await this.#cluster.mark(this.#node, mark, signal);
      if (result.status !== 'node-gone') this.#node = result.node;
      if (result.status === 'marked') {
        this.#hasMarked = true;
        if (result.cordonedByUs) this.#cordonedByUs = true;
      }
      return result;
    });
  }

  /** Renews or ends this process' claim on the node; see {@link Cluster.writeClaim}. */
  writeClaim(claim: ClaimRecord | undefined, signal: AbortSignal): Promise<void> {
    return this.#write(async () => {
      this.#node = await this.#cluster.writeClaim(this.#node, claim, signal);
    });
  }

  /** Joins the drain that runs, which then ends by the earlier of both deadlines; `undefined` when none runs. */
  joinDrain(id: EventId, deadline: Date): { readonly drain: RunningDrain; readonly tightened: boolean } | undefined {
    const drain = this.#drain;
    if (drain === undefined || drain.abort.signal.aborted) return undefined;
    drain.users.add(id);
    const tightened = deadline.getTime() < drain.deadline.atMs && drain.deadline.moveTo(deadline);
    return { drain, tightened };
  }

  /** Begins the node's drain, for others to join; its signal aborts when nobody wants it any more. */
  beginDrain(id: EventId, at: Date, run: (deadline: Deadline, signal: AbortSignal) => Promise<DrainEnd>): RunningDrain {
    const deadline = new Deadline(at);
    const abort = new AbortController();
    const end = run(deadline, abort.signal).finally(() => {
      if (this.#drain === drain) this.#drain = undefined;
    });
    const drain: OwnDrain = { deadline, end, abort, users: new Set([id]) };
    this.#drain = drain;
    return drain;
  }

  /**
   * Takes back what was done to the node; uncordons only what this program cordoned. An event that has come to hold the node while an
   * earlier try failed keeps all of it.
   */
  restore(signal: AbortSignal): Promise<'restored' | 'held-again'> {
    return this.#write(async () => {
      if (this.#holds.size > 0) return 'held-again';
      await this.#cluster.restore(this.#node, this.cordonedByUs, signal);
      this.#cordonedByUs = false;
      this.#hasMarked = false;
      this.#everHeld.clear();
      return 'restored';
    });
  }

  #forgetOldest(): void {
    const [id] = this.#holds.keys();
    if (id !== undefined && this.#holds.size > REMEMBERED_EVENTS) this.#hasForgotten = this.#holds.delete(id);
    const [value] = this.#everHeld;
    if (value !== undefined && this.#everHeld.size > REMEMBERED_EVENTS) this.#everHeld.delete(value);
  }

  /** Writes to one node follow each other, so that none overtakes what another has seen. */
  #write<T>(write: () => Promise<T>): Promise<T> {
    const written = this.#writes.then(write);
    this.#writes = written.catch(() => undefined);
    return written;
  }
}

/**
 * How many nodes without running work are remembered for what still holds them. One that is forgotten stays as it is when its
 * events are cancelled, as it does after a restart of this process.
 */
const REMEMBERED_NODES = 2_000;

/** The work on every node, kept apart by UID: a node that took over the name of another is another node. */
export class NodeWorks {
  readonly #cluster: Cluster;
  readonly #byUid = new Map<string, NodeWork>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The one work on this node, whoever asks. */
  of(node: ClusterNode): NodeWork {
    const known = this.#byUid.get(node.uid);
    if (known !== undefined) {
      known.seen(node);
      return known;
    }
    this.#forgetOldest();
    const work = new NodeWork(this.#cluster, node);
    this.#byUid.set(node.uid, work);
    return work;
  }

  /** How many nodes are remembered, and how many events that hold them. */
  get remembered(): { readonly nodes: number; readonly holds: number } {
    const holds = this.#byUid.values().reduce((sum, work) => sum + work.holds, 0);
    return { nodes: this.#byUid.size, holds };
  }

  /** The work on the node that an event holds. */
  heldBy(id: EventId): NodeWork | undefined {
    return this.#byUid.values().find((work) => work.isHeldBy(id));
  }

  #forgetOldest(): void {
    for (const [uid, work] of this.#byUid) {
      if (this.#byUid.size < REMEMBERED_NODES) return;
      if (work.isIdle) this.#byUid.delete(uid);
    }
  }
}
