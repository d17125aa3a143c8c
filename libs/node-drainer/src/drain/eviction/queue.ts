import { onAbort, systemClock } from '@node-termination-handler/clock';
import type { Clock, Deadline, Timer } from '@node-termination-handler/clock';
import * as v from 'valibot';
import { parseOptions } from '../../invalid-options-error.ts';
import { Heap } from './heap.ts';

/** Options of {@link createEvictionQueue}. */
export interface EvictionQueueOptions {
  /** Evictions under way at once. Default 100: the server takes some 100 ms for each, most of it waiting. */
  concurrency?: number | undefined;
  /** Default: the machine's. */
  clock?: Clock | undefined;
}

/** What is to happen to a pod after one look at it. */
export type NextLook =
  /** It needs no further look. */
  | { next: 'done' }
  /** Look again after so many milliseconds, or as soon as the deadline moves. */
  | { next: 'again'; afterMs: number }
  /** The same, and no pod at all is looked at before. */
  | { next: 'pause'; afterMs: number };

/** One pod to be evicted for one drain. */
export interface EvictionTask {
  readonly uid: string;
  readonly deadline: Deadline;
  /** Of two pods with the same deadline, the one with the longer grace goes first. */
  readonly graceSeconds: number;
  /** Takes the task off the queue. */
  readonly signal: AbortSignal;
  /** Looks at the pod, decides, and makes at most one request. Must not throw. */
  look(): Promise<NextLook>;
}

/** Evicts pods for all drains of a process: those with the earliest deadline first, each pod by one request at a time. */
export interface EvictionQueue {
  /** Puts a pod on the queue. A pod that is on it for another drain is looked at for the earlier of the two deadlines. */
  add(task: EvictionTask): void;
  /** Pods that wait for their turn or their next look. */
  readonly waiting: number;
  /** Looks under way. */
  readonly inFlight: number;
}

const schema = v.object({
  concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1, 'must be at least 1')), 100),
});

/**
 * Makes the queue that all drains of a process share. It never idles while a pod may be looked at and a place is free.
 *
 * @throws {@link InvalidOptionsError}
 */
export function createEvictionQueue(options: EvictionQueueOptions = {}): EvictionQueue {
  const { concurrency } = parseOptions('createEvictionQueue', schema, options);
  const clock = options.clock ?? systemClock;
  const entries = new Map<string, Entry>();
  const ready = new Heap<Entry>(byUrgency);
  const delayed = new Heap<Delay>((a, b) => a.atMs - b.atMs);
  let inFlight = 0;
  let pausedUntilMs = 0;
  let turn = 0;
  let isOrderStale = false;
  let isPumpDue = false;
  let alarm: { atMs: number; timer: Timer } | undefined;

  /** Once for all that happens in one turn of the event loop. */
  function schedulePump(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    queueMicrotask(() => {
      isPumpDue = false;
      pump();
    });
  }

  function pump(): void {
    const now = clock.monotonic();
    wakeDelayed(now);
    if (isOrderStale) ready.reorder();
    isOrderStale = false;
    if (now >= pausedUntilMs) startLooks();
    setAlarm(now);
  }

  function wakeDelayed(now: number): void {
    for (let next = delayed.peek(); next; next = delayed.peek()) {
      const counts = next.entry.state === 'delayed' && next.entry.delay === next;
      if (counts && next.atMs > now) return;
      delayed.pop();
      if (counts) makeReady(next.entry);
    }
  }

  function startLooks(): void {
    while (inFlight < concurrency) {
      const entry = ready.pop();
      if (entry === undefined) return;
      const task = entry.state === 'ready' ? mostUrgent(entry) : undefined;
      if (task) void look(entry, task);
    }
  }

  function setAlarm(now: number): void {
    const resumeAtMs = ready.size > 0 && now < pausedUntilMs ? pausedUntilMs : Infinity;
    const wakeAtMs = Math.min(delayed.peek()?.atMs ?? Infinity, resumeAtMs);
    if (alarm?.atMs === wakeAtMs) return;
    alarm?.timer.stop();
    alarm = undefined;
    if (wakeAtMs === Infinity) return;
    const onRing = () => {
      alarm = undefined;
      pump();
    };
    alarm = { atMs: wakeAtMs, timer: clock.startTimer(wakeAtMs - now, onRing) };
  }

  async function look(entry: Entry, task: EvictionTask): Promise<void> {
    entry.state = 'looking';
    entry.isOutdated = false;
    inFlight += 1;
    const result = await task.look();
    inFlight -= 1;
    settle(entry, task, result);
    schedulePump();
  }

  function settle(entry: Entry, task: EvictionTask, result: NextLook): void {
    const now = clock.monotonic();
    if (result.next === 'pause') pausedUntilMs = Math.max(pausedUntilMs, now + result.afterMs);
    if (result.next === 'done') forget(entry, task);
    if (entry.tasks.size === 0) drop(entry);
    else if (result.next === 'done' || entry.isOutdated || !entry.tasks.has(task)) makeReady(entry);
    else delay(entry, now + result.afterMs);
  }

  function newEntry(uid: string): Entry {
    turn += 1;
    return { uid, turn, tasks: new Map(), state: 'ready', delay: undefined, isOutdated: false };
  }

  function makeReady(entry: Entry): void {
    entry.state = 'ready';
    ready.push(entry);
  }

  function delay(entry: Entry, atMs: number): void {
    entry.state = 'delayed';
    entry.delay = { entry, atMs };
    delayed.push(entry.delay);
  }

  function forget(entry: Entry, task: EvictionTask): void {
    entry.tasks.get(task)?.();
    entry.tasks.delete(task);
  }

  function drop(entry: Entry): void {
    entry.state = 'dropped';
    entries.delete(entry.uid);
  }

  function lookSooner(entry: Entry): void {
    isOrderStale = true;
    entry.isOutdated = true;
    if (entry.state === 'delayed') makeReady(entry);
    schedulePump();
  }

  function subscribe(entry: Entry, task: EvictionTask): () => void {
    const unfollow = task.deadline.onMove(() => lookSooner(entry));
    const listener = onAbort(task.signal, () => {
      forget(entry, task);
      if (entry.tasks.size === 0 && entry.state !== 'looking') drop(entry);
      schedulePump();
    });
    return () => {
      unfollow();
      listener[Symbol.dispose]();
    };
  }

  return {
    add(task) {
      if (task.signal.aborted) return;
      const known = entries.get(task.uid);
      const entry = known ?? newEntry(task.uid);
      entry.tasks.set(task, subscribe(entry, task));
      if (known) {
        lookSooner(entry);
        return;
      }
      entries.set(task.uid, entry);
      makeReady(entry);
      schedulePump();
    },
    get waiting() {
      return entries.size - inFlight;
    },
    get inFlight() {
      return inFlight;
    },
  };
}

/** One pod on the queue, and the drains that want it gone. */
interface Entry {
  readonly uid: string;
  /** Counts the pods that came on the queue: among equals, first come, first served. */
  readonly turn: number;
  /** Each with what ends its subscriptions. */
  readonly tasks: Map<EvictionTask, () => void>;
  state: 'ready' | 'looking' | 'delayed' | 'dropped';
  /** The wait that counts while delayed; earlier ones may still be on the heap. */
  delay: Delay | undefined;
  /** A deadline has moved during the look: what the look said of the next one is out of date. */
  isOutdated: boolean;
}

/** A wait for the next look. */
interface Delay {
  readonly entry: Entry;
  /** On the monotonic clock. */
  readonly atMs: number;
}

/** Earliest deadline first; of the same deadline, longest grace first. */
function byUrgency(a: Entry, b: Entry): number {
  const first = mostUrgent(a);
  const second = mostUrgent(b);
  if (first === undefined || second === undefined) return 0;
  const { atMs } = first.deadline;
  // Not by their difference, which is no number where neither has a deadline.
  if (atMs !== second.deadline.atMs) return atMs < second.deadline.atMs ? -1 : 1;
  return second.graceSeconds - first.graceSeconds || a.turn - b.turn;
}

/** The task whose drain must end first; it looks for all of them. */
function mostUrgent(entry: Entry): EvictionTask | undefined {
  let best: EvictionTask | undefined;
  for (const task of entry.tasks.keys()) if (best === undefined || task.deadline.atMs < best.deadline.atMs) best = task;
  return best;
}
