import { LastingFailure } from '@node-termination-handler/clock';
import type { Deadline } from '@node-termination-handler/clock';
import type { DrainFinished, DrainProgress } from '@node-termination-handler/node-drainer';
import type { ClusterNode, DrainOrder } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { eventOf } from '../policy/notice.ts';
import { parseClaim, CLAIM_ANNOTATION } from '../record/claims.ts';
import { actAt } from '../record/ends.ts';
import { emptyRecord, entryOf, holdsNode, isTombstone } from '../record/entry.ts';
import type { EntryKey, Interruption, Phase } from '../record/entry.ts';
import type { RecordInput } from '../record/transitions.ts';
import { causeOfFailure } from './drain-failure.ts';
import type { Engine } from './engine.ts';
import { NewestOf } from './newest-of.ts';
import type { Plan } from './plan.ts';
import { PodOutcomes } from './pod-outcomes.ts';
import type { PodCounts, PodWithOutcome } from './pod-outcomes.ts';
import { podName } from './pods-left.ts';
import type { PodsLeft } from './pods-left.ts';
import type { OfNode, ProgressStep } from './progress.ts';
import type { DrainSummary } from './result.ts';
import { newsOf, ToldBefore } from './told-before.ts';

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

/** What is said of a drain that is overdue. */
interface OverdueDrain {
  readonly pods: PodsLeft;
  readonly deadline: Deadline;
  readonly hurry: Pick<DrainOrder, 'onDeadline'>;
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
  readonly #before: ToldBefore;
  readonly #outcomes = new PodOutcomes();
  #isDraining = false;
  /** Whether another works on the node. */
  #isTheirs = false;
  #isCordonTold = false;
  readonly #writing: LastingFailure;
  #lastMarkFailure: string | undefined;
  #heldBy: string | undefined;
  #holderTold: string | undefined;
  #record = emptyRecord();
  /** What became of the pods, once a drain has emptied the node. */
  #counts: PodCounts | undefined;

  constructor(engine: Engine, node: () => ClusterNode) {
    this.#engine = engine;
    this.#node = node;
    this.#before = new ToldBefore(engine.clock);
    this.#writing = new LastingFailure(engine.clock);
  }

  /** The event that a key's newest notice came with. */
  know(key: EntryKey, event: NodeInterruption): void {
    this.#events.set(key, event);
  }

  /** What a result says of the drain. */
  get summary(): DrainSummary {
    const doneBy = this.#counts === undefined ? this.#heldBy : undefined;
    return {
      nodeName: this.#node().name,
      ...(this.#counts === undefined ? {} : { pods: this.#counts }),
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
    const { feed } = this.#engine;
    this.#record = after;
    this.#isTheirs = turn?.turn === 'theirs' || turn?.turn === 'replaced';
    this.#leavePods();
    const failedMs = this.#writing.succeeded();
    this.#lastMarkFailure = undefined;
    const reason = reasonOf(inputs, before.bootId !== '' && before.bootId !== after.bootId);
    const ended: NodeInterruption[] = [];
    const mended = this.#anyEvent(after.entries);
    if (failedMs !== undefined && mended !== undefined)
      feed.tell({ type: 'written-again', lastsMs: failedMs, event: mended, node });
    if (problems.length > 0 && mended !== undefined)
      feed.tell({ type: 'record-mended', problems, event: mended, node });
    for (const entry of after.entries) {
      const was = entryOf(before, entry.key);
      const event = this.#event(entry);
      if (entry.progress === 'waiting' && was?.progress !== 'waiting')
        feed.tell({ type: 'waiting', until: new Date(actAt(entry)), event });
      if (isTombstone(entry) && was !== undefined && !isTombstone(was)) {
        ended.push(event);
        this.#attached.delete(entry.key);
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
    const isLast = after.entries.every(isTombstone);
    for (const { event, ...shared } of toldTogether(ended, true))
      feed.tell({ type: 'cancelled', reason, isLast, ...shared, event, node });
    const isUncordoned = change.unschedulable === false && wasUnschedulable;
    if (isUncordoned) this.#isCordonTold = false;
    const last = ended.at(-1) ?? this.#anyEvent(before.entries);
    if (isUncordoned && last !== undefined) feed.tell({ type: 'uncordoned', reason, event: last, node });
    for (const entry of after.entries.filter(holdsNode)) {
      const was = entryOf(before, entry.key);
      const changed = was === undefined || !holdsNode(was);
      const untold = [...hands].filter((hand) => hand.notice.key === entry.key && this.#isFirst(hand.event));
      if (!changed && untold.length === 0) continue;
      const final = entry.decision.action === 'cordon';
      const told = untold.length === 0 ? [this.#event(entry)] : untold.map((hand) => hand.event);
      // Whoever takes over hears of it from the record; a node that was given back meanwhile is marked anew.
      const isNews = changed ? !before.entries.some(holdsNode) : !this.#wasTold('cordoned');
      const isFirst = !this.#isCordonTold && isNews;
      this.#isCordonTold = true;
      this.#note([entry.key], 'cordoned');
      for (const { event, ...shared } of toldTogether(told, isFirst))
        feed.tell({ type: 'cordoned', changed, wasCordoned: wasUnschedulable, final, ...shared, event, node });
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
    const news = newsOf(this.#writing.failed(reason));
    if (news === undefined) return;
    const [hand] = hands;
    const event = hand?.event ?? this.#anyEvent(this.#record.entries);
    if (event !== undefined)
      this.#engine.feed.tell({ type: 'retrying', step: 'mark', reason, ...news, event, node: this.#node() });
  }

  /** The node could not be marked before the deadline. */
  markFailed({ event, notice }: ToldHand, reason: string): void {
    const entry = entryOf(this.#record, notice.key);
    const isFirst = reason !== this.#lastMarkFailure;
    this.#lastMarkFailure = reason;
    this.#engine.feed.tell({
      type: 'cordon-failed',
      reason,
      final: entry?.decision.action === 'cordon',
      isFirst,
      others: [],
      event,
      node: this.#node(),
    });
  }

  /** @param isAgain - It does for the same interruptions once more what was told before. */
  drainBegan(keys: readonly EntryKey[], deadline: Date | undefined, { isAgain }: { readonly isAgain: boolean }): void {
    this.#attached.clear();
    this.#isDraining = true;
    this.#counts = undefined;
    const [first, ...others] = keys;
    for (const key of keys) this.#attached.add(key);
    this.#outcomes.drainBegan();
    const by = deadline === undefined ? {} : { deadline };
    if (first !== undefined)
      this.#tell(first, { type: 'drain-began', ...by, isAgain: isAgain || this.#before.isFailing });
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
    if (key !== undefined) this.#tell(key, { type: 'draining', progress, isAgain: this.#before.wasTold(progress) });
    this.#tellOutcomes(this.#outcomes.take(progress));
  }
  #pods: readonly string[] = [];

  /** The drain runs no more, however it ended. */
  drainOver(): void {
    this.#isDraining = false;
    this.#leavePods();
  }

  /** Whether there are pods of which nobody knows yet what became of them. */
  get hasPodsWithoutOutcome(): boolean {
    return this.#outcomes.hasPodsWithoutOutcome;
  }

  /** The node is gone for good, and with it the pods that nothing had told to end, or that were in their grace. */
  lost(): void {
    const outcomes = this.#outcomes.nodeGone();
    this.#tellOutcomes(outcomes);
    const lost = outcomes.filter(({ outcome }) => outcome === 'lost' || outcome === 'cut-short');
    if (lost.length === 0) return;
    const podsLost = lost.map(({ pod }) => podName(pod));
    const keys = this.#record.entries.filter(holdsNode).map(({ key }) => key);
    this.#tellTogether(keys, true, { type: 'pods-lost', podsLost, counts: this.#outcomes.counts });
  }

  /** The drain of these takes longer than people were told that one takes. */
  overdue(keys: readonly EntryKey[], { pods, deadline, hurry }: OverdueDrain): void {
    const { nodeTerminationGracePeriodSeconds: graceSeconds } = this.#engine.policy;
    const by = deadline.at === undefined ? {} : { deadline: deadline.at };
    const held = { podsLeft: pods.names, heldBy: pods.heldBy, keepsBudgets: hurry.onDeadline === 'respect' };
    const isNews = !this.#wasTold('overdue');
    this.#onceEach(keys, 'overdue', isNews, { type: 'overdue', graceSeconds, ...held, ...by });
  }

  /** @param comesAgain - Another drain follows, of the same node for the same interruptions. */
  drained(
    keys: readonly EntryKey[],
    { ended, durationMs }: DrainFinished,
    deadline: Deadline,
    { comesAgain }: { readonly comesAgain: boolean },
  ): void {
    const { clock } = this.#engine;
    const { counts } = this.#outcomes;
    this.#counts = counts;
    if (!comesAgain) this.#before.succeeded();
    const left = deadline.at === undefined ? {} : { secondsLeft: (deadline.atMs - clock.now()) / 1000 };
    const pods = this.#takePods();
    // To find empty once more what was emptied for another event is no news.
    const isNews = !this.#wasTold('drained') || Object.values(ended).some((count) => count > 0);
    this.#onceEach(keys, 'drained', isNews, { type: 'drained', counts, pods, ...left, durationMs });
  }

  drainFailed(keys: readonly EntryKey[], reason: string, end: DrainFinished | undefined): void {
    const pods = this.#takePods();
    const news = this.#before.failed(reason);
    if (news === undefined) return;
    const podsLeft = (end?.left ?? []).map(({ pod }) => podName(pod));
    const durationMs = end?.durationMs ?? 0;
    const { counts } = this.#outcomes;
    const cause = causeOfFailure(end);
    const failed = { type: 'drain-failed', reason, cause, counts, pods, podsLeft, durationMs, ...news } as const;
    this.#tellTogether(keys, news.lastsMs === undefined, failed);
  }

  /** What no drain of this process waits for any more ends as it was told, or is for another to count. */
  #leavePods(): void {
    if (this.#isDraining) return;
    if (this.#isTheirs) this.#outcomes.handedOver();
    else if (!this.#record.entries.some(holdsNode)) this.#tellOutcomes(this.#outcomes.nobodyWaits());
  }

  #tellOutcomes(outcomes: readonly PodWithOutcome[]): void {
    const [key = this.#record.entries[0]?.key] = this.#attached;
    if (key !== undefined) for (const each of outcomes) this.#tell(key, { type: 'pod-outcome', ...each });
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

  /** Tells a phase of those of which it was not told yet. */
  #onceEach(keys: readonly EntryKey[], phase: Phase, isNews: boolean, step: StepOfNode): void {
    const untold = keys.filter((key) => !this.#isTold(key, phase));
    this.#tellTogether(untold, isNews, step);
    this.#note(untold, phase);
  }

  /** They were told a phase: the next patch writes it down. */
  #note(keys: readonly EntryKey[], phase: Phase): void {
    const untold = keys.filter((key) => !this.#isTold(key, phase));
    this.#told = [...this.#told, ...untold.map((key) => ({ type: 'told', key, phase }) as const)];
  }

  #isTold(key: EntryKey, phase: Phase): boolean {
    const isNoted = this.#told.some((rider) => rider.type === 'told' && rider.key === key && rider.phase === phase);
    return isNoted || (entryOf(this.#record, key)?.told.includes(phase) ?? false);
  }

  /** Whether people were told a phase of this node, with whatever event. */
  #wasTold(phase: Phase): boolean {
    return this.#record.entries.filter(holdsNode).some(({ key }) => this.#isTold(key, phase));
  }

  #tellTogether(keys: readonly EntryKey[], isNews: boolean, step: StepOfNode): void {
    const events = keys.flatMap((key) => this.#eventOf(key) ?? []);
    for (const told of toldTogether(events, isNews)) this.#engine.feed.tell({ ...step, ...told, node: this.#node() });
  }

  #tell(key: EntryKey, step: NodeStep): void {
    const event = this.#eventOf(key);
    if (event !== undefined) this.#engine.feed.tell({ ...step, event, node: this.#node() });
  }

  #eventOf(key: EntryKey): NodeInterruption | undefined {
    const entry = entryOf(this.#record, key);
    return entry === undefined ? this.#events.get(key) : this.#event(entry);
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
/** What is told of several events at once. */
type StepOfNode = Without<Extract<NodeStep, OfNode>, keyof OfNode>;

/** What is told of several events at once: of the first it is news, of the others no more. */
function toldTogether(
  events: readonly NodeInterruption[],
  isNews: boolean,
): readonly (OfNode & { readonly event: NodeInterruption })[] {
  return events.map((event, index) => ({
    event,
    isFirst: isNews && index === 0,
    others: events.toSpliced(index, 1),
  }));
}

/** Why something is over, in words. */
function reasonOf(inputs: readonly RecordInput[], hasBooted: boolean): string {
  const types = new Set(inputs.map(({ type }) => type));
  if (hasBooted) return 'the host has restarted';
  if (types.has('returned')) return 'the instance runs again';
  if (types.has('put-into-service')) return 'its group puts the instance into service again';
  if (types.has('ended')) return 'its source says that it is over';
  if (types.has('listed')) return 'the notice is no longer listed';
  return 'a person made the node schedulable';
}
