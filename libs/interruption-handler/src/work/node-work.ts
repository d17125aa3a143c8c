import { backoffMs, linkSignals, sleep, withTimeLimit } from '@node-termination-handler/clock';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { parseRecord, RECORD_ANNOTATION } from '../record/annotation.ts';
import { claimStands } from '../record/claims.ts';
import type { ClaimBook, Turn } from '../record/claims.ts';
import { endOf } from '../record/ends.ts';
import {
  CAUSES,
  causeOf,
  emptyRecord,
  entryOf,
  hasLiving,
  holdsNode,
  isLiving,
  isTombstone,
  withEntriesOf,
} from '../record/entry.ts';
import type { EntryKey, Moment, NodeRecord } from '../record/entry.ts';
import { entryFor } from '../record/noticed.ts';
import { messageMayGo, tasksOf } from '../record/tasks.ts';
import type { Task } from '../record/tasks.ts';
import { isCordonedByOthers } from '../record/seen-node.ts';
import { next } from '../record/transitions.ts';
import type { RecordInput } from '../record/transitions.ts';
import type { AboutEvent } from './about-event.ts';
import { NodeConditions } from './conditions.ts';
import { Doubts } from './doubts.ts';
import { messageOf } from './engine.ts';
import type { Engine } from './engine.ts';
import { NodeJobs } from './jobs.ts';
import { KnownNotices } from './known-notices.ts';
import type { LastOf } from './last-of.ts';
import { BELIEVED_FOR_MS, NodeView } from './node-view.ts';
import { isInWork, plan, takesPods } from './plan.ts';
import type { Known, KnownNotice, Plan } from './plan.ts';
import { resultOf } from './result.ts';
import type { HandlingResult } from './result.ts';
import { NodeTelling } from './telling.ts';

/** A notice in hand, whose message waits for what becomes of it. */
export interface Hand extends KnownNotice {
  readonly event: NodeInterruption;
  /** When its event came, on the monotonic clock, in milliseconds. */
  readonly cameAtMs: number;
  /** Where the node can't be marked by then, the message goes back. */
  readonly markBy: Moment;
  /** Completes the hook of the event; only whoever has its message in hand can. */
  readonly complete?: LastOf['ask'] | undefined;
  /** See {@link AboutEvent}. */
  readonly stillHolds?: AboutEvent['stillHolds'];
  /** Told once what becomes of it; `gone`: the node is another's now, or nobody's. */
  readonly settle: (result: HandResult) => void;
}

/** What becomes of a notice in hand on one node. */
export type HandResult = HandlingResult | { readonly status: 'gone' };

/** How the pauses grow after which what failed is tried again. */
const PATCH_AGAIN = { firstMs: 100, maxMs: 5_000 };

/** How often a node that nobody watches is looked at while another works on it, in milliseconds. */
const LOOK_WHILE_THEIRS_MS = 2_000;

/** The longest wait without a look, in milliseconds: the clock may be set, or put right, meanwhile. */
const LOOK_MS = 60_000;

/** How long the end of a claim is tried, in milliseconds: without it another waits for this process a little longer. */
const END_CLAIM_FOR_MS = 2_000;

/**
 * The work of one process on one node: look → patch → drain → look → complete, again whenever something is new.
 *
 * It remembers what it was told, what it has seen, and what it is doing at this moment; everything else stands on the node.
 */
export class NodeWork {
  readonly #engine: Engine;
  readonly #telling: NodeTelling;
  readonly #onClaim: () => void;
  readonly #stop = new AbortController();
  readonly #hands = new Set<Hand>();
  readonly #notices: KnownNotices;
  #inputs: readonly RecordInput[] = [];
  /** Who waits for an input to stand on the node. */
  readonly #untilWritten = new Map<RecordInput, PromiseWithResolvers<boolean>>();
  readonly #view: NodeView;
  #record: NodeRecord = emptyRecord();
  /** The record of a node that has no room for it. */
  #kept: NodeRecord | undefined;
  #book: ClaimBook | undefined;
  readonly #jobs: NodeJobs;
  readonly #conditions: NodeConditions;
  readonly #doubts: Doubts;
  #failedPatches = 0;
  /** What could not be written yet, and what is to be written with it. */
  #unwritten: (Plan & { readonly inputs: readonly RecordInput[] }) | undefined;
  /** What of it is counted in the record of a node that cannot be marked. */
  #counted: readonly RecordInput[] = [];
  #isStopping = false;
  #isOver = false;
  /** Whether this process waits for another. */
  #isTheirs = false;
  /** Whether it was this process's turn when the node was last looked at. */
  #isOurs = false;
  /** The record of an earlier node object of the same instance, for a node that has none. */
  #inherited: NodeRecord | undefined;
  #woken = Promise.withResolvers<undefined>();

  /** @param onClaim - told whenever this process has taken or ended the claim on the node. */
  constructor(engine: Engine, node: ClusterNode, onClaim: () => void, inherited?: NodeRecord) {
    this.#engine = engine;
    this.#inherited = inherited;
    this.#onClaim = onClaim;
    this.#view = new NodeView(engine.cluster, node, engine);
    this.#notices = new KnownNotices(engine, node.uid);
    this.#telling = new NodeTelling(engine, () => this.node);
    this.#jobs = new NodeJobs(engine, this.#telling, {
      node: () => this.node,
      record: () => this.#record,
      hands: () => this.#hands,
      write: (inputs) => this.#note(inputs),
      isBehind: () => this.#inputs.some((input) => isOutcome(input) && !this.#counted.includes(input)),
      takesPods: () => takesPods(this.node, this.#record),
      wake: () => this.wake(),
    });
    this.#doubts = new Doubts(engine.clock, {
      over: (hand) => this.#endHand(hand),
      wake: () => this.wake(),
      signal: this.#stop.signal,
    });
    this.#conditions = new NodeConditions(engine, {
      node: () => this.node,
      shown: (shown) => this.seen(shown),
      wake: () => this.wake(),
    });
  }

  /** The node as it is known. */
  get node(): ClusterNode {
    return this.#view.node;
  }

  /** Whether its object is gone. */
  get isGone(): boolean {
    return this.#view.isGone;
  }

  /** What is left to be done for an instance whose node object is gone; `undefined` when the node is there, or nothing is. */
  get leftBehind(): NodeRecord | undefined {
    if (!this.#view.isGone) return undefined;
    const { clock, graceMs } = this.#engine;
    const { bootId } = this.node;
    const seen = { now: clock.now(), cordonedByOthers: isCordonedByOthers(this.node), bootId, graceMs };
    const was = this.#inherited === undefined ? this.#record : withEntriesOf(this.#record, this.#inherited);
    // What could not be written any more has happened all the same.
    const left = this.#inputs.reduce((record, input) => next(record, input, seen), was);
    // What is over keeps copies of its message from beginning it anew there.
    return left.entries.length > 0 ? left : undefined;
  }

  /** Whether this process has the claim on the node. */
  get holdsClaim(): boolean {
    return this.#book?.isHeld ?? false;
  }

  /** Whether it has ended: whoever has more to do with the node begins anew. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the node is drained here for longer than the policy's grace. */
  get isOverdue(): boolean {
    return this.#jobs.isOverdue;
  }

  /** Whether its group takes the instance out of service, as the record says. */
  get isHeldByGroup(): boolean {
    return this.#record.entries.some(
      (entry) => holdsNode(entry) && CAUSES[causeOf(entry.key)].kind === 'ASG_LIFECYCLE',
    );
  }

  /** The instance under the node. */
  get instanceId(): string | undefined {
    return this.node.instanceId;
  }

  /** Whether the node had pods when it was gone of which nobody knows what became of them. */
  get hasPodsWithoutOutcome(): boolean {
    return this.#telling.hasPodsWithoutOutcome;
  }

  /** The node that is gone does not come back. */
  tellLost(): void {
    this.#telling.lost();
  }

  /** Takes a notice in hand. */
  take(hand: Hand): void {
    this.#hands.add(hand);
    if (this.#notices.add(hand)) this.#telling.know(hand.notice.key, hand.event);
    this.wake();
  }

  /** Something happened that belongs into the record; `forgets` are notices of which nothing is to be heard any more. */
  write(input: RecordInput, forgets: Iterable<EntryKey> = []): void {
    for (const key of forgets) this.#notices.forget(key);
    this.#note([input]);
  }

  /**
   * Resolves when what happened stands in the record, or the node is gone; with whether it may have concerned anything, which it has not
   * where the record has no entries.
   *
   * @throws when the work ends before, as when the process stops.
   */
  written(input: RecordInput): Promise<boolean> {
    const written = Promise.withResolvers<boolean>();
    this.#untilWritten.set(input, written);
    this.#note([input]);
    return written.promise;
  }

  /** Whether a message waits for what becomes of an interruption. */
  hasInHand(key: EntryKey): boolean {
    return [...this.#hands].some(({ notice }) => notice.key === key);
  }

  /** Whether no pod is left that an interruption has to move, as the record says. */
  isEmptied(key: EntryKey): boolean {
    const progress = entryOf(this.#record, key)?.progress;
    return progress === 'emptied' || progress === 'settled';
  }

  /** The hook of an interruption is about to wait no longer. */
  hookEnds(key: EntryKey): void {
    this.#jobs.hookEnds(key);
  }

  /** Which of the notices that a source told are still known. */
  keysOf(source: 'imds' | 'ec2'): readonly EntryKey[] {
    return this.#notices.keysOf(source);
  }

  /** The node as a watch shows it. */
  seen(node: ClusterNode): void {
    if (this.#view.shown(node) === 'news') this.wake();
  }

  /** Takes over the record of an earlier object of the node, which has ended after this one came. */
  inherit(record: NodeRecord): void {
    this.#inherited = this.#inherited === undefined ? record : withEntriesOf(this.#inherited, record);
    this.wake();
  }

  /** A watch shows that the node is gone. */
  removed(): void {
    this.#view.gone();
    this.wake();
  }

  /** Look again. */
  wake(): void {
    this.#woken.resolve(undefined);
  }

  /** Stops as soon as what is being done is done; at once where nothing is, or all that is done is to wait. */
  stopWhenIdle(): void {
    this.#isStopping = true;
    this.#jobs.end();
    if (!this.#jobs.isWorthEnding) this.stop();
  }

  /** Stops at once: what is in hand goes back, and the claim ends, as far as a moment allows. */
  stop(): void {
    const reason = new Error('the process stops');
    this.#stop.abort(reason);
    this.#jobs.stop(reason);
    this.#settleAll({ status: 'handed-back' });
    this.wake();
  }

  /** Works until nothing is left for which this process has to wait. Never rejects. */
  async run(): Promise<void> {
    using _beats = this.#engine.beats.onChange(() => {
      if (this.#isTheirs) this.wake();
    });
    for (;;) {
      this.#woken = Promise.withResolvers();
      const waitMs = this.#stop.signal.aborted ? this.#end() : await this.#pass();
      if (waitMs === 'over') break;
      await this.#untilWoken(waitMs);
    }
    const notWritten = new Error(`the work on node ${this.node.name} has ended before that stood on it`);
    for (const input of this.#untilWritten.keys()) this.#wasWritten(input, this.#view.isGone ? undefined : notWritten);
    await this.#conditions.stop(new Error('the work on the node is over'));
    if (this.holdsClaim && !this.#view.isGone) await this.#endClaim();
    // Whoever has a message looks for another object of the node then, which gets what is left of this one.
    if (this.#view.isGone) this.#settleAll({ status: 'gone' });
  }

  /** From here on nothing more may be given to it: nobody would look at that. */
  #end(): 'over' {
    this.#isOver = true;
    return 'over';
  }

  /** One look and what follows from it; in so many milliseconds the next is due if nothing happens meanwhile. */
  async #pass(): Promise<number | 'over'> {
    let applied: Plan | 'gone';
    try {
      applied = (await this.#look()) === 'gone' ? 'gone' : await this.#patch();
    } catch (error) {
      return this.#notWritten(error);
    }
    if (applied === 'gone') {
      this.#view.gone();
      this.#jobs.stop(new Error('the node is gone'));
      return this.#end();
    }
    this.#answer();
    if (this.#isStopping && !this.#jobs.isWorthEnding) this.stop();
    const tasks = this.#tasks(applied.turn);
    if (!this.#isStopping) this.#jobs.follow(tasks);
    this.#conditions.follow(applied.conditions, applied.isNews);
    if (applied.turn?.turn === 'replaced')
      this.#settleAll({
        status: 'failed',
        reason: 'another process has the name of this one',
        nodeName: this.node.name,
      });
    this.#view.judged();
    const isOver =
      this.#hands.size === 0 &&
      this.#inherited === undefined &&
      !this.#jobs.isBusy &&
      !this.#conditions.isBusy &&
      this.#inputs.length === 0 &&
      !hasLiving(this.#record);
    return isOver ? this.#end() : this.#nextLookIn(tasks, applied.turn);
  }

  /** What the node is now: as a watch showed it, or read anew. */
  async #look(): Promise<'here' | 'gone'> {
    // What there is to write is tested against the node as it is; where that has changed it is read anyway.
    if (this.#inputs.length > 0) return this.#view.isGone ? 'gone' : 'here';
    return this.#view.look(this.#stop.signal);
  }

  /** Writes record, marks and claim in one patch; where nothing is new, none is sent. */
  async #patch(): Promise<Plan | 'gone'> {
    const { cluster, cordonFirst, beats, clock, self } = this.#engine;
    const inputs = this.#inputs;
    const inherited = this.#inherited;
    const riders = this.#telling.toldSince();
    let planned = plan(this.node, this.#known(inputs, riders));
    // That nothing of it concerns the node may only be what a watch shows that is behind.
    if (!planned.isNews && inputs.some((input) => this.#untilWritten.has(input))) {
      if ((await this.#view.readNow(this.#stop.signal)) === 'gone') return 'gone';
      planned = plan(this.node, this.#known(inputs, riders));
    }
    const asked = planned;
    this.#doubts.ask(asked.doubted, this.#hands);
    let wasUnschedulable = this.node.unschedulable;
    const wanted = planned.claims;
    this.#unwritten = { ...planned, inputs };
    if (planned.isNews) {
      if (wanted === 'takes') beats.hold(true);
      const plans = new Map([[this.node.resourceVersion, planned]]);
      let isFirst = true;
      const change = (node: ClusterNode) => {
        const known = plans.get(node.resourceVersion);
        const now = isFirst && known !== undefined ? known : plan(node, this.#known(inputs, riders));
        isFirst = false;
        if (now.doubted.some(({ key }) => !asked.doubted.some((each) => each.key === key)))
          throw new Error('it could not be written before it was time to ask whether it still holds');
        const made = known ?? now;
        plans.set(node.resourceVersion, made);
        return made.change;
      };
      const write = () => cluster.change(this.node, change, this.#stop.signal);
      const isCordon = planned.change.unschedulable === true && !this.node.unschedulable;
      const changed = isCordon ? await cordonFirst.cordon(write) : await write();
      if (changed.status === 'gone') return 'gone';
      // Where an answer was lost it was worked out again, for the node as that patch had left it: nothing seemed to change.
      planned = plans.get(changed.before.resourceVersion) ?? planned;
      wasUnschedulable = changed.before.unschedulable;
      this.#view.changed(changed.node);
      this.#kept = changed.withoutAnnotations ? planned.after : undefined;
      this.#telling.written(riders);
    }
    this.#failedPatches = 0;
    this.#unwritten = undefined;
    this.#counted = [];
    // What concerns a notice that is held back comes after it.
    const done = inputs.filter((input) => !planned.doubted.some(({ key }) => concerns(input, key)));
    this.#inputs = this.#inputs.filter((input) => !done.includes(input));
    for (const input of done) this.#wasWritten(input, undefined, planned.after.entries.length > 0);
    if (this.#inherited === inherited) this.#inherited = undefined;
    this.#record = planned.after;
    this.#book =
      planned.claims === 'takes' && self !== undefined
        ? claimStands(planned.book, self, clock.monotonic())
        : planned.book;
    if (planned.claims === 'ends') this.#book = { ...this.#book, isHeld: false };
    // A claim that another has won in the last moment is not beaten for, either.
    if (planned.claims !== 'keeps' || wanted === 'takes') this.#onClaim();
    this.#tellClaim(planned, wanted);
    this.#notices.noteEnds(planned);
    if (planned !== asked) this.#doubts.ask(planned.doubted, this.#hands);
    this.#telling.changes(planned, { wasUnschedulable, hands: this.#hands, inputs });
    return planned;
  }

  #tellClaim({ turn, claims }: Plan, wanted: Plan['claims']): void {
    const { onClaim } = this.#engine;
    const wasOurs = this.#isOurs;
    this.#isOurs = turn?.turn === 'ours';
    if (turn?.turn === 'ours' && turn.claim === 'take') onClaim(turn.because === 'free' ? 'taken' : 'taken-over');
    else if (wanted === 'takes' && claims === 'keeps') onClaim('refused');
    else if (wasOurs && (turn?.turn === 'theirs' || turn?.turn === 'replaced')) onClaim('lost');
  }

  #known(inputs: readonly RecordInput[], riders: readonly RecordInput[]): Known {
    const { bootedAt, clock, graceMs, self, beats } = this.#engine;
    return {
      notices: this.#notices.witnessed(),
      askable: this.#doubts.askable(this.#hands, (key) => isLiving(entryOf(this.#record, key))),
      inputs,
      riders,
      kept: this.#kept,
      inherited: this.#inherited,
      book: this.#book,
      beats: beats.beats,
      self,
      isStopping: this.#stop.signal.aborted,
      now: clock.now(),
      monotonic: clock.monotonic(),
      bootedAt: bootedAt()?.getTime(),
      graceMs,
    };
  }

  /** Lets go of the messages whose interruptions are done, or stand on the node. */
  #answer(): void {
    const now = this.#engine.clock.now();
    // A record that is not on the node carries nothing; it only says what is done.
    const onNode =
      this.#kept === undefined
        ? this.#record
        : {
            ...this.#record,
            entries: this.#record.entries.filter((entry) => entry.progress === 'settled' || isTombstone(entry)),
          };
    for (const hand of this.#hands) {
      if (!messageMayGo(onNode, hand.notice, this.#notices.witness(hand.notice.key, hand.witness), now)) continue;
      this.#hands.delete(hand);
      const entry = entryFor(this.#record, hand.notice);
      // From here on the record alone says it: another process that sees the instance return takes the node back, and is believed.
      if (hand.notice.mayReturn && entry?.progress === 'settled') this.#notices.forget(entry.key);
      hand.settle(resultOf(entry, this.#telling.summary));
    }
  }

  #tasks(turn: Turn | undefined): readonly Task[] {
    const inHand = new Set(
      [...this.#hands].filter((hand) => hand.complete !== undefined).map(({ notice }) => notice.key),
    );
    // That a node is empty is a note, and whoever hears of its interruption looks, once.
    const notHeardOf = this.#record.entries.map(({ key }) => key).filter((key) => !this.#notices.has(key));
    const lookedAt = new Set([...this.#jobs.lookedAt, ...notHeardOf]);
    return tasksOf(this.#record, { isOurTurn: turn === undefined || turn.turn === 'ours', inHand, lookedAt });
  }

  /** Whoever waits for an input waits no longer: it stands on the node, no node is left that it could stand on, or it never will. */
  #wasWritten(input: RecordInput, failure?: Error, hasEntries = true): void {
    const written = this.#untilWritten.get(input);
    this.#untilWritten.delete(input);
    const reason = this.#stop.signal.aborted ? (this.#stop.signal.reason as Error) : failure;
    if (reason === undefined) written?.resolve(hasEntries);
    else written?.reject(reason);
  }

  #note(inputs: readonly RecordInput[]): void {
    this.#inputs = [...this.#inputs, ...inputs];
    this.wake();
  }

  /** The node could not be read or patched: it is tried again, and what is in hand for too long goes back. */
  #notWritten(error: unknown): number | 'over' {
    if (this.#stop.signal.aborted) return this.#end();
    this.#failedPatches += 1;
    const reason = messageOf(error);
    const isOwnFault = error instanceof TypeError;
    const now = this.#engine.clock.now();
    this.#telling.notWritten(reason, this.#hands);
    for (const hand of this.#hands) {
      if (!isOwnFault && now < hand.markBy) continue;
      this.#hands.delete(hand);
      this.#letGo(hand);
      this.#telling.markFailed(hand, reason);
      hand.settle({ status: 'failed', reason, nodeName: this.node.name });
    }
    if (isRefusal(error)) this.#drainUnmarked();
    this.#view.doubt();
    const isIdle = this.#hands.size === 0 && this.#notices.size === 0 && this.#record.entries.length === 0;
    if (isIdle && (isOwnFault || !this.#hasToWrite)) return this.#end();
    const markByMs = Math.min(...[...this.#hands].map(({ markBy }) => markBy - now));
    return Math.max(0, Math.min(backoffMs(this.#failedPatches, PATCH_AGAIN), markByMs));
  }

  /** What goes in spite of everybody does not wait for a mark that is refused: it is drained now, and the mark is tried again. */
  #drainUnmarked(): void {
    const { after, turn, inputs = [] } = this.#unwritten ?? {};
    if (this.#isStopping || after?.entries.some((entry) => isInWork(entry) && endOf(entry) < Infinity) !== true) return;
    this.#record = after;
    this.#counted = inputs;
    this.#jobs.follow(this.#tasks(turn));
  }

  /** Whether anything is left to be written, as far as is known: before the first patch the record stands on the node alone. */
  get #hasToWrite(): boolean {
    if (this.#inputs.length > 0 || this.#inherited !== undefined) return true;
    return hasLiving(parseRecord(this.node.annotations[RECORD_ANNOTATION], this.#engine.clock.now()).record);
  }

  /** Its service says that it is over. */
  #endHand(hand: Hand): void {
    this.#notices.sawEnd(hand.notice);
    this.#hands.delete(hand);
    this.#letGo(hand);
    hand.settle({ status: 'cancelled', reason: 'its service says that it is over' });
  }

  #settleAll(result: HandResult): void {
    const hands = [...this.#hands];
    this.#hands.clear();
    for (const hand of hands) {
      this.#letGo(hand);
      hand.settle(result);
    }
  }

  /** A notice in hand no more for which nothing was begun is known no more, but from another message, and nothing is written for it. */
  #letGo({ notice: { key } }: Hand): void {
    if (isLiving(entryOf(this.#record, key))) return;
    this.#notices.forget(key);
    for (const other of this.#hands) if (other.notice.key === key) this.#notices.add(other);
    if (causeOf(key) === 'state' && !this.hasInHand(key))
      this.#inputs = this.#inputs.filter(({ type }) => type !== 'shut-down');
  }

  #nextLookIn(tasks: readonly Task[], turn: Turn | undefined): number {
    const { clock, cluster } = this.#engine;
    const now = clock.now();
    const waits = tasks.flatMap((task) => (task.do === 'wait' ? [task.until - now] : []));
    const ends = this.#record.entries.filter(holdsNode).map((entry) => endOf(entry) - now);
    const isTheirs = turn?.turn === 'theirs' || turn?.turn === 'nobody';
    this.#isTheirs = isTheirs;
    const looks = [
      ...waits,
      ...[...ends, this.#jobs.againInMs, this.#jobs.overdueInMs, this.#conditions.dueInMs].filter((ms) => ms > 0),
      ...(isTheirs ? [turn.lookAgainInMs] : []),
      ...(isTheirs && cluster.silentMs === Infinity ? [LOOK_WHILE_THEIRS_MS] : []),
      ...(isTheirs || this.#jobs.isBusy ? [BELIEVED_FOR_MS] : []),
      LOOK_MS,
    ];
    return Math.max(0, Math.min(...looks));
  }

  async #untilWoken(ms: number): Promise<void> {
    using over = linkSignals([]);
    const { clock } = this.#engine;
    const slept = sleep(clock, ms, over.signal, { keepsProcessAlive: false }).catch(() => undefined);
    await Promise.race([this.#woken.promise, slept]);
    over.abort();
    await slept;
  }

  async #endClaim(): Promise<void> {
    const { clock, cluster } = this.#engine;
    const limit = { clock, limitMs: END_CLAIM_FOR_MS };
    const change = (node: ClusterNode) => plan(node, this.#known(this.#inputs, this.#telling.toldSince())).change;
    await withTimeLimit(limit, (signal) => cluster.change(this.node, change, signal)).catch(() => undefined);
    this.#book = undefined;
  }
}

/** Whether it tells what a drain or a completion has led to. */
function isOutcome({ type }: RecordInput): boolean {
  return type === 'looked' || type === 'hook-ended';
}

/** Whether somebody keeps the node from being written who may do so for long: an admission webhook, a policy, or a right that is missing. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubernetesApiError && (error.refusedBy !== undefined || error.isMissingRight);
}

/** Whether it says something of an interruption, or of the instance, that would be lost without the entry of that interruption. */
function concerns(input: RecordInput, key: EntryKey): boolean {
  switch (input.type) {
    case 'end-changed':
    case 'hook-ended':
      return input.key === key;
    case 'put-into-service':
    case 'returned':
    case 'shut-down':
      return true;
    default:
      return false;
  }
}
