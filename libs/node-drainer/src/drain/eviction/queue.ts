import { onAbort, systemClock } from '@node-termination-handler/clock';
import type { Clock, Deadline, Timer } from '@node-termination-handler/clock';
import * as v from 'valibot';
import { parseOptions } from '../../invalid-options-error.ts';
import { Heap } from './heap.ts';
import { createPlaces } from './places.ts';

/** Options of {@link createEvictionQueue}. */
export interface EvictionQueueOptions {
  /** Evictions under way at once, slow ones apart. Default 100: the server takes some 100 ms for each, most of it waiting. */
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
  /** The same; and meanwhile, for 5 s at most, pods are looked at one by one, to see whether the server serves again. */
  | { next: 'pause'; afterMs: number };

/** The longest that one answer slows all evictions down, in milliseconds, whatever the server asks for. */
export const MAX_PAUSE_MS = 5000;
/** How long all wait in a pause before one tries. */
const PROBE_AFTER_MS = 1000;

/** One pod to be evicted for one drain. */
export interface EvictionTask {
  readonly uid: string;
  /** The node that is drained: its pods share what may be under way for it. */
  readonly node: string;
  readonly deadline: Deadline;
  /** How long before the deadline the pod must begin to go, to have all of its grace. The earliest such moment goes first. */
  readonly leadMs: number;
  /** Takes the task off the queue. */
  readonly signal: AbortSignal;
  /** Looks at the pod, decides, and makes at most one request. Must not throw. */
  look(): Promise<NextLook>;
}

/**
 * Evicts pods for all drains of a process: those with the earliest last graceful moment first, each pod by one request at a
 * time. A node whose requests hang does not hold up those of others, and nothing holds up a pod whose last graceful moment
 * has come.
 */
export interface EvictionQueue {
  /** Puts a pod on the queue. A pod that is on it for another drain is looked at for the earlier of the two deadlines. */
  add(task: EvictionTask): void;
  /** Looks at a pod at once that waits for its next look. */
  wake(uid: string): void;
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
  /** By node; a node with none has no heap. */
  const ready = new Map<string, Heap<Entry>>();
  const delayed = new Heap<Delay>((a, b) => a.atMs - b.atMs);
  const places = createPlaces(concurrency);
  const pause = { untilMs: 0, probeAtMs: 0, isProbing: false };
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
    if (isOrderStale) for (const heap of ready.values()) heap.reorder();
    isOrderStale = false;
    places.look(now);
    startLooks(now);
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

  function startLooks(now: number): void {
    const wallNow = clock.now();
    for (let entry = nextEntry(now, wallNow); entry; entry = nextEntry(now, wallNow)) {
      ready.get(entry.node)?.pop();
      const task = mostUrgent(entry);
      if (task) void look(entry, task, now);
    }
    for (const [node, heap] of ready) if (heap.size === 0) ready.delete(node);
  }

  /** The most urgent of those that may be looked at now. */
  function nextEntry(now: number, wallNow: number): Entry | undefined {
    let best: Entry | undefined;
    for (const [node, heap] of ready) {
      const first = firstReady(heap);
      if (first === undefined || (best !== undefined && byUrgency(first, best) >= 0)) continue;
      const isDue = startBy(first) < wallNow;
      if (isDue || (mayProceed(now) && places.mayBegin(node))) best = first;
    }
    return best;
  }

  /** In a pause one is looked at now and then, to see whether it is over. */
  function mayProceed(now: number): boolean {
    return now >= pause.untilMs || (!pause.isProbing && now >= pause.probeAtMs);
  }

  function setAlarm(now: number): void {
    const wakeAtMs = Math.min(delayed.peek()?.atMs ?? Infinity, nextChanceAtMs(now));
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

  /** When those that are ready and must wait may have a chance again, if nothing ends before. */
  function nextChanceAtMs(now: number): number {
    if (ready.size === 0) return Infinity;
    const firsts = [...ready.values()].map(firstReady).filter((entry) => entry !== undefined);
    const dueInMs = Math.min(...firsts.map(startBy)) - clock.now() + 1;
    const resumeAtMs = now >= pause.untilMs ? Infinity : pause.isProbing ? pause.untilMs : pause.probeAtMs;
    return Math.min(now + Math.max(0, dueInMs), resumeAtMs, places.nextSlowAtMs);
  }

  async function look(entry: Entry, task: EvictionTask, now: number): Promise<void> {
    entry.state = 'looking';
    entry.isOutdated = false;
    const place = places.begin(entry.node, now);
    const isProbe = now < pause.untilMs && !pause.isProbing;
    if (isProbe) pause.isProbing = true;
    const result = await task.look();
    places.end(place, clock.monotonic());
    if (isProbe) pause.isProbing = false;
    if (result.next === 'pause') slowDown(result.afterMs);
    else if (isProbe) pause.untilMs = 0;
    settle(entry, task, result);
    schedulePump();
  }

  function slowDown(afterMs: number): void {
    const now = clock.monotonic();
    pause.untilMs = Math.max(pause.untilMs, now + Math.min(afterMs, MAX_PAUSE_MS));
    pause.probeAtMs = now + PROBE_AFTER_MS;
  }

  function settle(entry: Entry, task: EvictionTask, result: NextLook): void {
    if (result.next === 'done') forget(entry, task);
    if (entry.tasks.size === 0) drop(entry);
    else if (result.next === 'done' || entry.isOutdated || !entry.tasks.has(task)) makeReady(entry);
    else delay(entry, clock.monotonic() + result.afterMs);
  }

  function newEntry({ uid, node }: EvictionTask): Entry {
    turn += 1;
    return { uid, node, turn, tasks: new Map(), state: 'ready', delay: undefined, isOutdated: false };
  }

  function makeReady(entry: Entry): void {
    entry.state = 'ready';
    const heap = ready.get(entry.node) ?? new Heap(byUrgency);
    ready.set(entry.node, heap);
    heap.push(entry);
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
      const entry = known ?? newEntry(task);
      entry.tasks.set(task, subscribe(entry, task));
      if (known) {
        lookSooner(entry);
        return;
      }
      entries.set(task.uid, entry);
      makeReady(entry);
      schedulePump();
    },
    wake(uid) {
      const entry = entries.get(uid);
      if (entry) lookSooner(entry);
    },
    get waiting() {
      return entries.size - places.taken;
    },
    get inFlight() {
      return places.taken;
    },
  };
}

/** One pod on the queue, and the drains that want it gone. */
interface Entry {
  readonly uid: string;
  readonly node: string;
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

/** The first that still waits; those that were cancelled meanwhile are taken out. */
function firstReady(heap: Heap<Entry>): Entry | undefined {
  for (let entry = heap.peek(); entry; entry = heap.peek()) {
    if (entry.state === 'ready' && entry.tasks.size > 0) return entry;
    heap.pop();
  }
  return undefined;
}

/** Earliest last graceful moment first; of the same, longest grace first. */
function byUrgency(a: Entry, b: Entry): number {
  const [first, second] = [startBy(a), startBy(b)];
  // Not by their difference, which is no number where neither has a deadline.
  if (first !== second) return first < second ? -1 : 1;
  return (mostUrgent(b)?.leadMs ?? 0) - (mostUrgent(a)?.leadMs ?? 0) || a.turn - b.turn;
}

/** The last moment at which the pod can start to go with all of its grace. */
function startBy(entry: Entry): number {
  const task = mostUrgent(entry);
  return task === undefined ? Infinity : startOf(task);
}

function startOf({ deadline, leadMs }: EvictionTask): number {
  return deadline.atMs - leadMs;
}

/** The task whose drain must end first; it looks for all of them. */
function mostUrgent(entry: Entry): EvictionTask | undefined {
  let best: EvictionTask | undefined;
  for (const task of entry.tasks.keys()) if (best === undefined || startOf(task) < startOf(best)) best = task;
  return best;
}
