import { Deadline } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodRef } from '@node-termination-handler/node-drainer';
import { labelValue } from '@node-termination-handler/event-parsers';
import type { EventId } from '@node-termination-handler/event-parsers';
import type { ClaimRecord } from '../claim/claim-record.ts';
import type { Cluster, ClusterMark, ClusterMarked, ClusterNode } from './cluster.ts';
import { cordonedFor } from '../marks.ts';

/** How one node's drain ended. */
export interface DrainEnd {
  readonly outcome: 'drained' | 'failed' | 'cancelled';
  readonly reason: string;
  readonly podsEvicted: number;
  /** Names of the pods that were on the node, those that stay included: what webhook templates have as `.Pods`. */
  readonly pods: readonly string[];
  readonly podsLeft: readonly string[];
  readonly deadline: Date;
  readonly durationMs: number;
}

interface RunningDrain {
  readonly deadline: Deadline;
  readonly abort: AbortController;
  readonly users: Set<EventId>;
  readonly end: Promise<DrainEnd>;
}

/** Decides when a drain may run, and what is done around it. */
export type BeginDrain = (deadline: Deadline, signal: AbortSignal, run: () => Promise<DrainEnd>) => Promise<DrainEnd>;

/** Whether an event began a drain or joined one. */
export interface JoinedDrain {
  readonly began: boolean;
  readonly tightened: boolean;
  readonly deadline: Deadline;
  readonly end: Promise<DrainEnd>;
}

/**
 * All that is done to one node, whatever number of events ask for it.
 *
 * Events hold the node; the first that wants a drain begins it, later ones join it and can only tighten its deadline;
 * when the last hold is dropped, what was done can be taken back.
 */
export class NodeWork {
  readonly #cluster: Cluster;
  readonly #holds = new Set<EventId>();
  /** Every event that has held the node since this process began, as label values. */
  readonly #everHeld = new Set<string>();
  #node: ClusterNode;
  #cordonedByUs = false;
  #hasMarked = false;
  #marks: Promise<unknown> = Promise.resolve();
  #drain: RunningDrain | undefined;

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

  isHeldBy(id: EventId): boolean {
    return this.#holds.has(id);
  }

  hold(id: EventId): void {
    this.#holds.add(id);
    this.#everHeld.add(labelValue(id));
  }

  /** Ends an event's hold, stops the drain when no event is left that wants it, and tells whether the node is free now. */
  drop(id: EventId): 'held' | 'free' | 'not-held' {
    if (!this.#holds.delete(id)) return 'not-held';
    if (this.#drain?.users.delete(id) === true && this.#drain.users.size === 0) this.#drain.abort.abort();
    return this.#holds.size === 0 ? 'free' : 'held';
  }

  /** Marks the node for an event. Marks of one node follow each other, so that none overtakes what another has seen. */
  mark(mark: ClusterMark, signal: AbortSignal): Promise<ClusterMarked> {
    const marked = this.#marks.then(async () => {
      const result = await this.#cluster.mark(this.#node, mark, signal);
      if (result.status !== 'node-gone') this.#node = result.node;
      if (result.status === 'marked') {
        this.#hasMarked = true;
        if (result.cordonedByUs) this.#cordonedByUs = true;
      }
      return result;
    });
    this.#marks = marked.catch(() => undefined);
    return marked;
  }

  /** Renews or ends this process' claim on the node; see {@link Cluster.writeClaim}. */
  writeClaim(claim: ClaimRecord | undefined, signal: AbortSignal): Promise<void> {
    const written = this.#marks.then(async () => {
      this.#node = await this.#cluster.writeClaim(this.#node, claim, signal);
    });
    this.#marks = written.catch(() => undefined);
    return written;
  }

  /** Begins the node's drain or joins the one that runs. */
  joinDrain(id: EventId, deadline: Date, tell: (progress: DrainProgress) => void, begin: BeginDrain): JoinedDrain {
    const running = this.#drain;
    if (running !== undefined && !running.abort.signal.aborted) {
      running.users.add(id);
      return {
        began: false,
        tightened: running.deadline.tighten(deadline),
        deadline: running.deadline,
        end: running.end,
      };
    }
    const bound = new Deadline(deadline);
    const abort = new AbortController();
    const end = begin(bound, abort.signal, () => this.#runDrain(bound, abort.signal, tell)).finally(() => {
      if (this.#drain === drain) this.#drain = undefined;
    });
    const drain: RunningDrain = { deadline: bound, abort, users: new Set([id]), end };
    this.#drain = drain;
    return { began: true, tightened: false, deadline: bound, end };
  }

  /** Takes back what was done to the node; uncordons only what this program cordoned. */
  async restore(signal: AbortSignal): Promise<void> {
    await this.#marks;
    await this.#cluster.restore(this.#node, this.cordonedByUs, signal);
    this.#cordonedByUs = false;
    this.#hasMarked = false;
    this.#everHeld.clear();
  }

  async #runDrain(deadline: Deadline, signal: AbortSignal, tell: (progress: DrainProgress) => void): Promise<DrainEnd> {
    const began = performance.now();
    let pods: readonly string[] = [];
    const end = (
      outcome: DrainEnd['outcome'],
      reason: string,
      podsEvicted: number,
      podsLeft: readonly string[],
    ): DrainEnd => ({
      outcome,
      reason,
      podsEvicted,
      pods,
      podsLeft,
      deadline: deadline.at,
      durationMs: performance.now() - began,
    });
    try {
      for await (const progress of this.#cluster.drain(this.#node, deadline, signal)) {
        tell(progress);
        if (progress.type === 'planned') pods = [...pods, ...progress.pods.map(({ pod }) => pod.name)];
        if (progress.type === 'finished')
          return end(
            progress.outcome,
            progress.message,
            progress.podsEvicted,
            progress.left.map(({ pod }) => podName(pod)),
          );
      }
      return end('failed', 'the drain ended without saying how', 0, []);
    } catch (error) {
      return end(
        signal.aborted ? 'cancelled' : 'failed',
        error instanceof Error ? error.message : String(error),
        0,
        [],
      );
    }
  }
}

function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}
