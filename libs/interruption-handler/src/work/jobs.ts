import { backoffMs, Deadline, sleep } from '@node-termination-handler/clock';
import type { DrainFinished } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import { timeLeft } from '../record/ends.ts';
import { entryOf } from '../record/entry.ts';
import type { EntryKey, Moment, NodeRecord } from '../record/entry.ts';
import { mayComplete } from '../record/tasks.ts';
import type { Task } from '../record/tasks.ts';
import type { RecordInput } from '../record/transitions.ts';
import { messageOf } from './engine.ts';
import type { Engine } from './engine.ts';
import type { Hand } from './node-work.ts';
import { isInWork } from './plan.ts';
import type { NodeTelling } from './telling.ts';

/** The node as its work knows it now, and where the work hears what came of a job. */
export interface JobSite {
  readonly node: () => ClusterNode;
  readonly record: () => NodeRecord;
  readonly hands: () => Iterable<Hand>;
  /** Belongs into the record. */
  readonly write: (inputs: readonly RecordInput[]) => void;
  /** Something has ended. */
  readonly wake: () => void;
}

interface Drain {
  readonly beganAt: Moment;
  readonly deadline: Deadline;
  readonly stop: AbortController;
}

/** How the pauses grow after which a drain, a look or a completion that failed is tried again. */
const AGAIN = { firstMs: 2_000, maxMs: 60_000 };
/** No pause is longer than this part of the time that is left. */
const PART_OF_TIME_LEFT = 8;

/** What has failed, and when it is tried again. */
interface Failed {
  /** How often in a row. */
  readonly times: number;
  /** By the monotonic clock. */
  readonly againAtMs: number;
  /** Whose work it was: another interruption does not wait for it. */
  readonly keys: ReadonlySet<EntryKey>;
}

const NOTHING_FAILED: Failed = { times: 0, againAtMs: -Infinity, keys: new Set() };

/** What is being done to one node at this moment: a drain, looks at its pods, hooks that are completed. Each task of its record begins one. */
export class NodeJobs {
  readonly #engine: Engine;
  readonly #telling: NodeTelling;
  readonly #site: JobSite;
  readonly #looks = new AbortController();
  readonly #lookedAt = new Set<EntryKey>();
  readonly #completing = new Map<EntryKey, AbortController>();
  #drain: Drain | undefined;
  #failed = NOTHING_FAILED;

  constructor(engine: Engine, telling: NodeTelling, site: JobSite) {
    this.#engine = engine;
    this.#telling = telling;
    this.#site = site;
  }

  /** Whether pods are being moved or a hook is being completed. */
  get isBusy(): boolean {
    return this.#drain !== undefined || this.#completing.size > 0;
  }

  /** Keys whose pods were looked at. */
  get lookedAt(): ReadonlySet<EntryKey> {
    return this.#lookedAt;
  }

  /** In how many milliseconds what has failed is tried again; not positive where nothing is. */
  get againInMs(): number {
    return this.#failed.againAtMs - this.#engine.clock.monotonic();
  }

  /** Begins what the tasks ask for, goes on with what runs, and stops a drain that nothing asks for any more. */
  follow(tasks: readonly Task[]): void {
    for (const task of tasks) this.#begin(task);
    if (!tasks.some((task) => task.do === 'empty'))
      this.#drain?.stop.abort(new Error('nothing asks for the drain any more'));
  }

  /** Stops everything. */
  stop(reason: Error): void {
    this.#looks.abort(reason);
    this.#drain?.stop.abort(reason);
    for (const completing of this.#completing.values()) completing.abort(reason);
  }

  #begin(task: Task): void {
    switch (task.do) {
      case 'empty':
        if (this.#drain !== undefined) this.#goOn(this.#drain, task);
        else if (this.#mayBegin(task.keys)) this.#beginDrain(task);
        return;
      case 'look':
        if (this.#mayBegin(task.keys)) this.#beginLook(task.keys);
        return;
      case 'complete':
        if (this.#drain === undefined && this.#mayBegin([task.key])) this.#beginCompleting(task.key, task.after);
        return;
      case 'keep-alive':
      case 'wait':
      case 'forget':
        return;
    }
  }

  #mayBegin(keys: readonly EntryKey[]): boolean {
    return this.againInMs <= 0 || keys.some((key) => !this.#failed.keys.has(key));
  }

  #deadline(end: Moment, beganAt: Moment): Moment {
    return Math.min(end, beganAt + this.#engine.policy.nodeTerminationGracePeriodSeconds * 1000);
  }

  #goOn({ beganAt, deadline }: Drain, { keys, end }: Extract<Task, { do: 'empty' }>): void {
    const before = deadline.atMs;
    deadline.moveTo(this.#deadline(end, beganAt));
    this.#telling.attached(keys, new Date(deadline.atMs), deadline.atMs < before);
  }

  #beginDrain({ end }: Extract<Task, { do: 'empty' }>): void {
    const beganAt = this.#engine.clock.now();
    const drain = { beganAt, deadline: new Deadline(this.#deadline(end, beganAt)), stop: new AbortController() };
    this.#drain = drain;
    void this.#empty(drain).finally(() => {
      this.#drain = undefined;
      this.#telling.drainOver();
      this.#site.wake();
    });
  }

  /** Drain → look → complete: the end of a drain is a look, and hooks that nothing delays are completed on it. */
  async #empty({ deadline, stop: { signal } }: Drain): Promise<void> {
    const end = await this.#movePods(deadline, signal);
    if (signal.aborted) return;
    const due = this.#due();
    if (end instanceof Error || end.outcome !== 'drained') {
      this.#hasFailed(due);
      this.#telling.drainFailed(due, end.message, end instanceof Error ? undefined : end);
      return;
    }
    this.#failed = NOTHING_FAILED;
    this.#telling.drained(due, end, new Date(deadline.atMs));
    const isDelayed = this.#engine.completionDelayMs > 0;
    const hands = isDelayed ? [] : [...this.#site.hands()].filter(({ notice }) => due.includes(notice.key));
    const completed = await this.#complete(hands, signal);
    // An interruption that came meanwhile has a look of its own.
    const isAlone = this.#due().every((key) => due.includes(key));
    if (isAlone) for (const key of due) this.#lookedAt.add(key);
    this.#site.write([...(isAlone ? [EMPTY] : []), ...completed]);
  }

  /** Moves the pods when the burst of cordons is over and a place is free. Never rejects. */
  async #movePods(deadline: Deadline, signal: AbortSignal): Promise<DrainFinished | Error> {
    const { cluster, cordonFirst, drains } = this.#engine;
    let end: DrainFinished | undefined;
    const move = async (): Promise<void> => {
      this.#telling.drainBegan(this.#due(), new Date(deadline.atMs));
      const options = { deadline, cordonedAt: this.#cordonedAt };
      for await (const progress of cluster.drain(this.#site.node(), options, signal)) {
        this.#telling.draining(progress);
        if (progress.type === 'finished') end = progress;
      }
    };
    try {
      await cordonFirst.quiet(signal);
      await drains.add(move, { priority: -deadline.atMs, signal });
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

  /** Completes a hook whose node was noted to be empty: after the delay, and on a look of its own. */
  #beginCompleting(key: EntryKey, after: 'look' | 'mark'): void {
    if (this.#completing.has(key)) return;
    const stop = new AbortController();
    this.#completing.set(key, stop);
    void this.#completeLater(key, after, stop.signal).finally(() => {
      this.#completing.delete(key);
      this.#site.wake();
    });
  }

  async #completeLater(key: EntryKey, after: 'look' | 'mark', signal: AbortSignal): Promise<void> {
    const { clock, cluster, completionDelayMs } = this.#engine;
    try {
      await sleep(clock, completionDelayMs, signal);
      const look = after === 'mark' ? undefined : await cluster.look(this.#site.node(), this.#cordonedAt, signal);
      const entry = entryOf(this.#site.record(), key);
      if (entry !== undefined && mayComplete(entry, look)) {
        const hands = [...this.#site.hands()].filter(({ notice }) => notice.key === key);
        this.#site.write(await this.#complete(hands, signal));
      } else if (look !== undefined) this.#site.write([{ type: 'looked', look }]);
    } catch {
      if (!signal.aborted) this.#hasFailed([key]);
    }
  }

  /** Completes the hooks of messages in hand. Whoever completes says why it failed; the hook is still owed then, and tried again. */
  async #complete(hands: readonly Hand[], signal: AbortSignal): Promise<readonly RecordInput[]> {
    const ended = await Promise.all(
      hands.map(async ({ notice: { key }, complete }): Promise<readonly RecordInput[]> => {
        if (complete === undefined) return [];
        try {
          await complete(signal, (looking) => this.#isStillEmpty(key, looking));
          this.#failed = NOTHING_FAILED;
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
    const { clock } = this.#engine;
    const times = this.#failed.times + 1;
    const leftMs = timeLeft(this.#site.record()).end - clock.now();
    const longestMs = leftMs > 0 ? Math.max(AGAIN.firstMs, leftMs / PART_OF_TIME_LEFT) : AGAIN.maxMs;
    this.#failed = {
      times,
      againAtMs: clock.monotonic() + Math.min(backoffMs(times, AGAIN), longestMs),
      keys: new Set([...this.#failed.keys, ...keys]),
    };
  }
}

const EMPTY: RecordInput = { type: 'looked', look: { mustGo: 0, left: 0 } };
