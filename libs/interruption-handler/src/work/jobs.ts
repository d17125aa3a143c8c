import { Deadline, sleepUntilOrMoved } from '@node-termination-handler/clock';
import type { DrainFinished } from '@node-termination-handler/node-drainer';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterNode, DrainOrder } from '../cluster/cluster.ts';
import { overdueAt, timeLeft } from '../record/ends.ts';
import type { TimeLeft } from '../record/ends.ts';
import { entryOf, owesHook } from '../record/entry.ts';
import type { EntryKey, Interruption, Moment, NodeRecord } from '../record/entry.ts';
import { mayComplete } from '../record/tasks.ts';
import type { Task } from '../record/tasks.ts';
import type { PodsLook, RecordInput } from '../record/transitions.ts';
import { messageOf } from './engine.ts';
import type { Engine } from './engine.ts';
import type { Hand } from './node-work.ts';
import { isInWork } from './plan.ts';
import { Pauses } from './pauses.ts';
import { PodsLeft } from './pods-left.ts';
import type { NodeTelling } from './telling.ts';

/** The node as its work knows it now, and where the work hears what came of a job. */
export interface JobSite {
  readonly node: () => ClusterNode;
  readonly record: () => NodeRecord;
  readonly hands: () => Iterable<Hand>;
  /** Belongs into the record. */
  readonly write: (inputs: readonly RecordInput[]) => void;
  /** Whether something of that is not there yet, because a patch was on its way. */
  readonly isBehind: () => boolean;
  /** Whether pods may still come: the record asks for a cordon, and none stands, as far as is known. */
  readonly takesPods: () => boolean;
  /** Something has ended. */
  readonly wake: () => void;
}

/** How pods are hurried before the instance goes. */
type Hurry = Pick<DrainOrder, 'onDeadline' | 'deadlineMarginSeconds'>;

interface Drain {
  /** Follows the end of the instance, wherever that moves. */
  readonly deadline: Deadline;
  readonly hurry: Hurry;
  readonly pods: PodsLeft;
  readonly stop: AbortController;
}

/** A hook that is completed after its delay. */
interface Completing {
  readonly stop: AbortController;
  readonly delay: Deadline;
  /** Whether the delay is over. */
  isAsking: boolean;
}

/** What is being done to one node at this moment: a drain, looks at its pods, hooks that are completed. Each task of its record begins one. */
export class NodeJobs {
  readonly #engine: Engine;
  readonly #telling: NodeTelling;
  readonly #site: JobSite;
  readonly #looks = new AbortController();
  readonly #lookedAt = new Set<EntryKey>();
  readonly #completing = new Map<EntryKey, Completing>();
  /** Keys whose hooks wait for no delay any more. */
  readonly #endingHooks = new Set<EntryKey>();
  /** Whose hooks are completed: a node that is drained once more asks for them no second time. */
  readonly #completed = new WeakSet<Hand>();
  #isEnding = false;
  #drain: Drain | undefined;
  /** Whether pods could still come when the last drain ended. */
  #wasOpen = false;
  readonly #pauses: Pauses;

  constructor(engine: Engine, telling: NodeTelling, site: JobSite) {
    this.#engine = engine;
    this.#telling = telling;
    this.#site = site;
    this.#pauses = new Pauses(engine.clock);
  }

  /** Whether pods are being moved or a hook is being completed. */
  get isBusy(): boolean {
    return this.#drain !== undefined || this.#completing.size > 0;
  }

  /**
   * Whether what is under way is best ended here: pods are going, or a hook is being completed. What only waits – for a budget, a place, a
   * delay, for this process's own pod – another waits for just as well.
   */
  get isWorthEnding(): boolean {
    return this.#drain?.pods.areGoing === true || this.#completing.values().some(({ isAsking }) => isAsking);
  }

  /** Keys whose pods were looked at. */
  get lookedAt(): ReadonlySet<EntryKey> {
    return this.#lookedAt;
  }

  /** In how many milliseconds what has failed is tried again; not positive where nothing is. */
  get againInMs(): number {
    return this.#pauses.againInMs;
  }

  /** In how many milliseconds the drain that runs becomes overdue; `Infinity` where it is, and where none runs. */
  get overdueInMs(): number {
    const now = this.#engine.clock.now();
    const entries = this.#drain === undefined ? [] : this.#site.record().entries.filter(isInWork);
    const times = entries.map((entry) => this.#overdueAt(entry) - now);
    return Math.min(Infinity, ...times.filter((ms) => ms > 0));
  }

  /** Whether a drain that is overdue runs, or is tried again. */
  get isOverdue(): boolean {
    const isOurs = this.#drain !== undefined || this.#pauses.againInMs > 0;
    const now = this.#engine.clock.now();
    return isOurs && this.#site.record().entries.some((entry) => isInWork(entry) && this.#overdueAt(entry) <= now);
  }

  /** Begins what the tasks ask for, goes on with what runs, and stops a drain that nothing asks for any more. */
  follow(tasks: readonly Task[]): void {
    this.#pauses.fit(this.#leftMs);
    for (const task of tasks) this.#begin(task);
    if (!tasks.some((task) => task.do === 'empty'))
      this.#drain?.stop.abort(new Error('nothing asks for the drain any more'));
    for (const [key, { stop }] of this.#completing) {
      const isAsked = tasks.some((task) =>
        task.do === 'empty' ? this.#wasOpen && task.keys.includes(key) : task.do === 'complete' && task.key === key,
      );
      if (!isAsked) stop.abort(new Error('nothing asks for the completion any more'));
    }
  }

  /** A hook is about to wait no longer: nothing delays its completion, now or when its node is empty. */
  hookEnds(key: EntryKey): void {
    this.#endingHooks.add(key);
    this.#completing.get(key)?.delay.moveTo(this.#engine.clock.now());
  }

  /** Nothing more begins, and whoever waits for that hears of each step towards the end of what is under way. */
  end(): void {
    this.#isEnding = true;
  }

  /** Stops everything. */
  stop(reason: Error): void {
    this.#looks.abort(reason);
    this.#drain?.stop.abort(reason);
    for (const { stop } of this.#completing.values()) stop.abort(reason);
  }

  /** What a drain or a completion has just led to may not stand in the record yet, which would ask for the same again. */
  #begin(task: Task): void {
    switch (task.do) {
      case 'empty':
        if (this.#drain !== undefined) this.#goOn(this.#drain, task);
        else if (!this.#site.isBehind() && (this.#isClosedNow || this.#pauses.mayBegin(task.keys)))
          this.#beginDrain(task);
        return;
      case 'look':
        if (this.#pauses.mayBegin(task.keys)) this.#beginLook(task.keys);
        return;
      case 'complete':
        if (this.#drain === undefined && !this.#site.isBehind() && this.#pauses.mayBegin([task.key]))
          this.#beginCompleting(task.key, task.after);
        return;
      case 'wait':
        return;
    }
  }

  /** Whether the cordon stands by now that did not when the last drain ended: what came until then waits for no pause. */
  get #isClosedNow(): boolean {
    return this.#wasOpen && !this.#site.takesPods();
  }

  get #timeLeft(): TimeLeft {
    return timeLeft(this.#site.record(), { now: this.#engine.clock.now(), graceMs: this.#engine.graceMs });
  }

  /** What is held to the end by those who decided so is hurried by nobody. */
  #hurry({ end, hurryBefore, isAtOnce }: TimeLeft): Hurry {
    if (hurryBefore > end) return { onDeadline: 'respect' };
    return { onDeadline: 'deadline', ...(isAtOnce && { deadlineMarginSeconds: this.#engine.graceMs / 1000 }) };
  }

  #goOn(drain: Drain, { keys }: Extract<Task, { do: 'empty' }>): void {
    const { deadline, hurry, stop } = drain;
    const before = deadline.atMs;
    // A drain whose end has come ends by itself, and tells of it; what replaces that end is for the next.
    if (before <= this.#engine.clock.now()) return;
    const left = this.#timeLeft;
    deadline.moveTo(left.end);
    // Whoever decides about budgets now is another: the drain begins anew, and sees what is under way.
    if (!isDeepStrictEqual(this.#hurry(left), hurry)) stop.abort(new Error('budgets count otherwise from now on'));
    this.#telling.attached(keys, deadline.at, deadline.atMs < before);
    this.#tellOverdue(keys, drain);
  }

  #beginDrain({ keys }: Extract<Task, { do: 'empty' }>): void {
    const left = this.#timeLeft;
    const drain: Drain = {
      deadline: new Deadline(left.end),
      hurry: this.#hurry(left),
      pods: new PodsLeft(),
      stop: new AbortController(),
    };
    this.#drain = drain;
    void this.#empty(drain).finally(() => {
      this.#drain = undefined;
      this.#telling.drainOver();
      this.#site.wake();
    });
    this.#tellOverdue(keys, drain);
  }

  #tellOverdue(keys: readonly EntryKey[], drain: Drain): void {
    const now = this.#engine.clock.now();
    const entries = this.#site.record().entries.filter((entry) => keys.includes(entry.key));
    const late = entries.filter((entry) => this.#overdueAt(entry) <= now).map(({ key }) => key);
    if (late.length > 0) this.#telling.overdue(late, drain);
  }

  #overdueAt(entry: Interruption): Moment {
    return overdueAt(this.#site.record(), entry, this.#engine.graceMs);
  }

  /** Drain → look → complete: the end of a drain is a look, and hooks that nothing delays are completed on it. */
  async #empty(drain: Drain): Promise<void> {
    const {
      deadline,
      stop: { signal },
    } = drain;
    const end = await this.#movePods(drain);
    if (signal.aborted) return;
    this.#wasOpen = this.#site.takesPods();
    const due = this.#due();
    if (end instanceof Error || end.outcome !== 'drained') {
      this.#hasFailed(due);
      this.#telling.drainFailed(due, end.message, end instanceof Error ? undefined : end);
      // Where nobody has said when the instance goes, pods that stay by rule keep nothing waiting.
      if (!(end instanceof Error) && end.reason === 'not-allowed')
        this.#site.write(this.#lookFor(due, { mustGo: 0, left: end.podsLeft }));
      return;
    }
    if (this.#wasOpen) this.#hasFailed(due);
    else this.#pauses.nothingFails();
    this.#telling.drained(due, end, deadline, { comesAgain: this.#wasOpen });
    const isDelayed = this.#engine.completionDelayMs > 0;
    const hands = [...this.#site.hands()].filter(({ notice }) => due.includes(notice.key));
    // No record notes that this node is empty, from which the delay would follow.
    if (isDelayed && this.#wasOpen) for (const { notice } of hands) this.#beginOwed(notice.key);
    const completed = await this.#complete(isDelayed ? [] : hands, signal);
    this.#site.write([...this.#lookFor(due, EMPTY), ...completed]);
  }

  /**
   * What a drain for these found at its end. An interruption that came meanwhile has a look of its own; and where pods could still come, that
   * none was there says nothing.
   */
  #lookFor(keys: readonly EntryKey[], look: PodsLook): readonly RecordInput[] {
    if (this.#wasOpen || !this.#due().every((key) => keys.includes(key))) return [];
    for (const key of keys) this.#lookedAt.add(key);
    return [{ type: 'looked', look }];
  }

  /** Moves the pods when the burst of cordons is over and a place is free. Never rejects. */
  async #movePods({ deadline, hurry, pods, stop: { signal } }: Drain): Promise<DrainFinished | Error> {
    const { cluster, cordonFirst, places } = this.#engine;
    let end: DrainFinished | undefined;
    try {
      await cordonFirst.quiet(signal);
      const isFixed = () => this.#site.record().entries.some((entry) => isInWork(entry) && entry.end.kind === 'fixed');
      using place = await places.take(deadline, isFixed, signal);
      this.#telling.drainBegan(this.#due(), deadline.at, { isAgain: this.#wasOpen });
      const order: DrainOrder = { deadline, ...hurry, cordonedAt: this.#cordonedAt };
      for await (const progress of cluster.drain(this.#site.node(), order, signal)) {
        pods.take(progress);
        if (this.#isEnding) this.#site.wake();
        // What only waits takes no place from others.
        if (pods.wereAllAsked) place[Symbol.dispose]();
        this.#telling.draining(progress);
        if (progress.type === 'finished') end = progress;
      }
      return end ?? new Error('the drain ended without saying how');
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  /** Those that somebody has to work on now. */
  #due(): readonly EntryKey[] {
    return this.#site
      .record()
      .entries.filter(isInWork)
      .map(({ key }) => key);
  }

  #beginLook(keys: readonly EntryKey[]): void {
    for (const key of keys) this.#lookedAt.add(key);
    void this.#engine.cluster.look(this.#site.node(), this.#cordonedAt, this.#looks.signal).then(
      (look) => this.#site.write([{ type: 'looked', look }]),
      () => {
        for (const key of keys) this.#lookedAt.delete(key);
        this.#hasFailed(keys);
        this.#site.wake();
      },
    );
  }

  #beginOwed(key: EntryKey): void {
    const entry = entryOf(this.#site.record(), key);
    if (entry !== undefined && owesHook(entry)) this.#beginCompleting(key, 'look');
  }

  /** Completes a hook whose node was found to be empty: after the delay, and on a look of its own. */
  #beginCompleting(key: EntryKey, after: 'look' | 'mark'): void {
    if (this.#completing.has(key)) return;
    const { clock, completionDelayMs } = this.#engine;
    const delay = Deadline.after(this.#endingHooks.has(key) ? 0 : completionDelayMs, clock.now());
    const completing: Completing = { stop: new AbortController(), delay, isAsking: false };
    this.#completing.set(key, completing);
    void this.#completeLater(key, after, completing).finally(() => {
      this.#completing.delete(key);
      this.#site.wake();
    });
  }

  async #completeLater(key: EntryKey, after: 'look' | 'mark', completing: Completing): Promise<void> {
    const { clock, cluster } = this.#engine;
    const { delay, stop } = completing;
    const { signal } = stop;
    try {
      while (clock.now() < delay.atMs) await sleepUntilOrMoved(clock, delay, delay.atMs, signal);
      completing.isAsking = true;
      const look = after === 'mark' ? undefined : await cluster.look(this.#site.node(), this.#cordonedAt, signal);
      const entry = entryOf(this.#site.record(), key);
      if (entry !== undefined && mayComplete(entry, look)) {
        const hands = [...this.#site.hands()].filter(({ notice }) => notice.key === key);
        this.#site.write(await this.#complete(hands, signal));
      } else if (look !== undefined) {
        // Pods that stay by rule may stay for ever.
        if (look.mustGo === 0) this.#hasFailed([key]);
        this.#site.write([{ type: 'looked', look }]);
      }
    } catch {
      if (!signal.aborted) this.#hasFailed([key]);
    }
  }

  /** Completes the hooks of messages in hand. Whoever completes says why it failed; the hook is still owed then, and tried again. */
  async #complete(hands: readonly Hand[], signal: AbortSignal): Promise<readonly RecordInput[]> {
    const ended = await Promise.all(
      hands.map(async (hand): Promise<readonly RecordInput[]> => {
        const { notice, complete } = hand;
        const { key } = notice;
        if (complete === undefined) return [];
        if (this.#completed.has(hand)) return [{ type: 'hook-ended', key, how: 'completed' }];
        try {
          await complete(signal, (looking) => this.#isStillEmpty(key, looking));
          this.#completed.add(hand);
          if (!this.#wasOpen) this.#pauses.nothingFails();
          return [{ type: 'hook-ended', key, how: 'completed' }];
        } catch {
          if (!signal.aborted) this.#hasFailed([key]);
          return [];
        }
      }),
    );
    return ended.flat();
  }

  /** Whether a node that has waited for others of its instance is as it was. */
  async #isStillEmpty(key: EntryKey, signal: AbortSignal): Promise<boolean> {
    if (entryOf(this.#site.record(), key)?.decision.action === 'cordon') return true;
    const { mustGo, left } = await this.#engine.cluster.look(this.#site.node(), this.#cordonedAt, signal);
    return mustGo + left === 0;
  }

  get #cordonedAt(): Date | undefined {
    const { cordon } = this.#site.record();
    return cordon === undefined ? undefined : new Date(cordon.at);
  }

  #hasFailed(keys: readonly EntryKey[]): void {
    this.#pauses.failed(keys, this.#leftMs);
  }

  get #leftMs(): number {
    return this.#timeLeft.end - this.#engine.clock.now();
  }
}

const EMPTY: PodsLook = { mustGo: 0, left: 0 };
