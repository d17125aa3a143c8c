import type { Deadline } from '@node-termination-handler/clock';
import type { DrainFinished, DrainProgress, PodRef } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { eventOf } from '../policy/notice.ts';
import { parseClaim, CLAIM_ANNOTATION } from '../record/claims.ts';
import { actAt } from '../record/ends.ts';
import { entryOf, holdsNode, isTombstone } from '../record/entry.ts';
import type { EntryKey, Interruption, Phase } from '../record/entry.ts';
import type { RecordInput } from '../record/transitions.ts';
import { NewestOf } from './engine.ts';
import type { Engine } from './engine.ts';
import type { Plan } from './plan.ts';
import type { PodsLeft } from './pods-left.ts';
import type { ProgressStep } from './progress.ts';
import type { DrainSummary } from './result.ts';

/** One notice in hand, as it is told of. */
interface ToldHand {
  readonly event: NodeInterruption;
  readonly notice: { readonly key: EntryKey };
}

/** What was around a patch. */
export interface Around {
  readonly wasUnschedulable: boolean;
  readonly hands: Iterable<ToldHand>;
  readonly inputs: readonly RecordInput[];
}

/** What happens to one node, put into steps: each phase of an interruption once, whatever a record says that was told is not told again. */
export class NodeTelling {
  readonly #engine: Engine;
  readonly #node: () => ClusterNode;
  readonly #events = new Map<EntryKey, NodeInterruption>();
  /** Phases that were told and stand in no record yet. */
  #told: readonly RecordInput[] = [];
  readonly #cordonTold = new NewestOf<true>();
  readonly #attached = new Set<EntryKey>();
  #isDraining = false;
  #lastTrouble: string | undefined;
  #lastFailure: string | undefined;
  #heldBy: string | undefined;
  #holderTold: string | undefined;
  #record: Plan['after'] | undefined;
  #evicted: number | undefined;

  constructor(engine: Engine, node: () => ClusterNode) {
    this.#engine = engine;
    this.#node = node;
  }

  /** The event that a key's newest notice came with. */
  know(key: EntryKey, event: NodeInterruption): void {
    this.#events.set(key, event);
  }

  /** What a result says of the drain. */
  get summary(): DrainSummary {
    const doneBy = this.#evicted === undefined ? this.#heldBy : undefined;
    return {
      nodeName: this.#node().name,
      ...(this.#evicted === undefined ? {} : { podsEvicted: this.#evicted }),
      ...(doneBy === undefined ? {} : { doneBy }),
    };
  }

  /** What was told since the last patch, to ride along with the next. */
  toldSince(): readonly RecordInput[] {
    return this.#told;
  }

  /** These stand in the record now. */
  written(riders: readonly RecordInput[]): void {
    this.#told = this.#told.filter((rider) => !riders.includes(rider));
  }

  /** Tells what has become of the node's interruptions. */
  changes({ before, after, change, problems, turn }: Plan, { wasUnschedulable, hands, inputs }: Around): void {
    const node = this.#node();
    const { dryRun, feed } = this.#engine;
    this.#record = after;
    this.#lastTrouble = undefined;
    const reason = reasonOf(inputs, before.bootId !== '' && before.bootId !== after.bootId);
    let ended: NodeInterruption | undefined;
    const mended = this.#anyEvent(after.entries);
    if (problems.length > 0 && mended !== undefined)
      feed.tell({ type: 'record-mended', problems, event: mended, node });
    for (const entry of after.entries) {
      const was = entryOf(before, entry.key);
      const event = this.#event(entry);
      if (entry.progress === 'waiting' && was?.progress !== 'waiting')
        feed.tell({ type: 'waiting', until: new Date(actAt(entry)), event });
      if (isTombstone(entry) && was !== undefined && !isTombstone(was)) {
        ended = event;
        this.#attached.delete(entry.key);
        feed.tell({ type: 'cancelled', reason, event, node });
      }
      if (
        !isTombstone(entry) &&
        entry.remarked !== undefined &&
        was !== undefined &&
        !isTombstone(was) &&
        was.remarked !== entry.remarked
      )
        feed.tell({ type: 'made-schedulable', isMarkedAgain: entry.remarked === 'once', event, node });
    }
    const isUncordoned = change.unschedulable === false && wasUnschedulable;
    const last = ended ?? this.#anyEvent(before.entries);
    if (isUncordoned && last !== undefined) feed.tell({ type: 'uncordoned', reason, event: last, node });
    for (const entry of after.entries.filter(holdsNode)) {
      const was = entryOf(before, entry.key);
      const changed = was === undefined || !holdsNode(was);
      const untold = [...hands].filter((hand) => hand.notice.key === entry.key && this.#isFirst(hand.event));
      if (!changed && untold.length === 0) continue;
      const final = entry.decision.action === 'cordon';
      const told = untold.length === 0 ? [this.#event(entry)] : untold.map((hand) => hand.event);
      for (const event of told)
        feed.tell({ type: 'cordoned', changed, wasCordoned: wasUnschedulable, final, dryRun, event, node });
    }
    const holder = turn?.turn === 'theirs' ? parseClaim(node.annotations[CLAIM_ANNOTATION])?.holder : undefined;
    const [event] = [...hands].map((hand) => hand.event);
    this.#heldBy = holder ?? this.#heldBy;
    if (holder === undefined || holder === this.#holderTold || event === undefined) return;
    this.#holderTold = holder;
    feed.tell({ type: 'held-elsewhere', holder, event, node });
  }

  /** The node could not be read or marked, and it is tried again. */
  notWritten(reason: string, hands: Iterable<ToldHand>): void {
    if (reason === this.#lastTrouble) return;
    this.#lastTrouble = reason;
    const [hand] = hands;
    const event = hand?.event ?? this.#anyEvent(this.#record?.entries ?? []);
    if (event !== undefined)
      this.#engine.feed.tell({ type: 'retrying', step: 'mark', reason, event, node: this.#node() });
  }

  /** The node could not be marked before the deadline. */
  markFailed({ event, notice }: ToldHand, reason: string): void {
    const entry = this.#record === undefined ? undefined : entryOf(this.#record, notice.key);
    this.#engine.feed.tell({
      type: 'cordon-failed',
      reason,
      final: entry?.decision.action === 'cordon',
      event,
      node: this.#node(),
    });
  }

  drainBegan(keys: readonly EntryKey[], deadline: Date | undefined): void {
    this.#attached.clear();
    this.#isDraining = true;
    this.#evicted = undefined;
    const [first, ...others] = keys;
    for (const key of keys) this.#attached.add(key);
    const by = deadline === undefined ? {} : { deadline };
    if (first !== undefined) this.#tell(first, { type: 'drain-began', ...by });
    for (const key of others) this.#tell(key, { type: 'attached', ...by, tightened: false });
  }

  /** Others ask for the drain that runs; one that has not begun yet begins for them, too. */
  attached(keys: readonly EntryKey[], deadline: Date | undefined, tightened: boolean): void {
    if (!this.#isDraining) return;
    for (const key of keys) {
      if (this.#attached.has(key)) continue;
      this.#attached.add(key);
      this.#tell(key, { type: 'attached', ...(deadline === undefined ? {} : { deadline }), tightened });
    }
  }

  draining(progress: DrainProgress): void {
    const [key] = this.#attached;
    if (progress.type === 'planned') this.#pods = [...this.#pods, ...progress.pods.map(({ pod }) => pod.name)];
    if (key !== undefined) this.#tell(key, { type: 'draining', progress });
  }
  #pods: readonly string[] = [];

  /** The drain runs no more, however it ended. */
  drainOver(): void {
    this.#isDraining = false;
  }

  /** An interruption's drain takes longer than people were told that one takes. */
  overdue(key: EntryKey, { names: podsLeft, heldBy }: PodsLeft, deadline: Date | undefined): void {
    const { nodeTerminationGracePeriodSeconds: graceSeconds } = this.#engine.policy;
    const by = deadline === undefined ? {} : { deadline };
    this.#once(key, 'overdue', { type: 'overdue', graceSeconds, podsLeft, heldBy, ...by });
  }

  drained(keys: readonly EntryKey[], { podsEvicted, durationMs }: DrainFinished, deadline: Deadline): void {
    const { clock, dryRun } = this.#engine;
    this.#evicted = podsEvicted;
    this.#lastFailure = undefined;
    const left = deadline.at === undefined ? {} : { secondsLeft: (deadline.atMs - clock.now()) / 1000 };
    const pods = this.#takePods();
    for (const key of keys)
      this.#once(key, 'drained', { type: 'drained', podsEvicted, pods, ...left, durationMs, dryRun });
  }

  /** A failure is told when it begins, and when its reason changes. */
  drainFailed(keys: readonly EntryKey[], reason: string, end: DrainFinished | undefined): void {
    const pods = this.#takePods();
    if (reason === this.#lastFailure) return;
    this.#lastFailure = reason;
    const podsLeft = (end?.left ?? []).map(({ pod }) => podName(pod));
    const durationMs = end?.durationMs ?? 0;
    for (const key of keys) this.#tell(key, { type: 'drain-failed', reason, pods, podsLeft, durationMs });
  }

  /** Whether nobody was told yet that the node is marked for an event. */
  #isFirst({ id }: NodeInterruption): boolean {
    if (this.#cordonTold.has(id)) return false;
    this.#cordonTold.set(id, true);
    return true;
  }

  #takePods(): readonly string[] {
    const pods = this.#pods;
    this.#pods = [];
    return pods;
  }

  #once(key: EntryKey, phase: Phase, step: NodeStep): void {
    const entry = this.#record === undefined ? undefined : entryOf(this.#record, key);
    const isNoted = this.#told.some((rider) => rider.type === 'told' && rider.key === key && rider.phase === phase);
    if (isNoted || entry?.told.includes(phase)) return;
    this.#tell(key, step);
    this.#told = [...this.#told, { type: 'told', key, phase }];
  }

  #tell(key: EntryKey, step: NodeStep): void {
    const entry = this.#record === undefined ? undefined : entryOf(this.#record, key);
    const event = entry === undefined ? this.#events.get(key) : this.#event(entry);
    if (event !== undefined) this.#engine.feed.tell({ ...step, event, node: this.#node() });
  }

  #anyEvent(entries: readonly Interruption[]): NodeInterruption | undefined {
    const [entry] = entries;
    return entry === undefined ? undefined : this.#event(entry);
  }

  #event(entry: Interruption): NodeInterruption {
    return this.#events.get(entry.key) ?? eventOf(entry, this.#node().instanceId ?? '');
  }
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type NodeStep = Without<ProgressStep, 'event' | 'node'>;

/** Why something is over, in words. */
function reasonOf(inputs: readonly RecordInput[], hasBooted: boolean): string {
  const types = new Set(inputs.map(({ type }) => type));
  if (hasBooted) return 'the host has restarted';
  if (types.has('returned')) return 'the instance runs again';
  if (types.has('ended')) return 'its source says that it is over';
  if (types.has('listed')) return 'the notice is no longer listed';
  return 'a person made the node schedulable';
}

function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}
