import { onAbort, systemClock } from '@node-termination-handler/clock';
import type { Clock, Deadline, Timer } from '@node-termination-handler/clock';
import * as v from 'valibot';
import { parseOptions } from '../../invalid-options-error.ts';
import { Heap } from './heap.ts';
import { createPlaces } from './places.ts';
import type { Standing } from './places.ts';

/** Options of {@link createEvictionQueue}. */
export interface EvictionQueueOptions {
  /**
   * The most evictions under way at once, slow ones apart; how many there are follows the server. Default 100: it takes some 100 ms for each,
   * most of it waiting.
   */
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
  /** Those with pods that may be looked at. */
  const nodes = new Map<string, NodeTurn>();
  const turns = { idle: new Heap(byFirst), open: new Heap(byFirst), full: new Heap(byFirst) };
  const delayed = new Heap<Entry>((a, b) => a.againAtMs - b.againAtMs);
  const places = createPlaces(concurrency);
  const pause = { untilMs: 0, probeAtMs: 0, isProbing: false };
  let came = 0;
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
    for (let entry = delayed.peek(); entry && entry.againAtMs <= now; entry = delayed.peek()) makeReady(entry);
    places.look(now).forEach(takeTurn);
    const wallNow = clock.now();
    for (let entry = nextEntry(now, wallNow); entry; entry = nextEntry(now, wallNow)) void look(entry, now);
    setAlarm(now);
  }

  /** The most urgent of those that may be looked at now. */
  function nextEntry(now: number, wallNow: number): Entry | undefined {
    const mayBegin = mayProceed(now);
    let best: Entry | undefined;
    for (const standing of STANDINGS) {
      const first = turns[standing].peek()?.first;
      if (first === undefined || (best !== undefined && byUrgency(first, best) >= 0)) continue;
      if ((mayBegin && places.has(standing)) || first.startMs < wallNow) best = first;
    }
    return best;
  }

  /** In a pause one is looked at now and then, to see whether it is over. */
  function mayProceed(now: number): boolean {
    return now >= pause.untilMs || (!pause.isProbing && now >= pause.probeAtMs);
  }

  /** One that rings too soon is set anew then. */
  function setAlarm(now: number): void {
    const wakeAtMs = Math.min(delayed.peek()?.againAtMs ?? Infinity, nextChanceAtMs(now));
    if (alarm !== undefined && alarm.atMs <= wakeAtMs && wakeAtMs < Infinity) return;
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
    if (nodes.size === 0) return Infinity;
    const starts = STANDINGS.map((standing) => turns[standing].peek()?.first?.startMs ?? Infinity);
    const dueInMs = Math.min(...starts) - clock.now() + 1;
    const resumeAtMs = now >= pause.untilMs ? Infinity : pause.isProbing ? pause.untilMs : pause.probeAtMs;
    return Math.min(now + Math.max(0, dueInMs), resumeAtMs, places.nextSlowAtMs);
  }

  async function look(entry: Entry, now: number): Promise<void> {
    const task = mostUrgent(entry);
    leave(entry);
    if (task === undefined) return;
    entry.state = 'looking';
    entry.isOutdated = false;
    const place = places.begin(entry.node, now);
    takeTurn(entry.node);
    const isProbe = now < pause.untilMs && !pause.isProbing;
    if (isProbe) pause.isProbing = true;
    const result = await task.look();
    places.end(place, clock.monotonic(), result.next === 'pause');
    takeTurn(entry.node);
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
    else {
      entry.state = 'delayed';
      entry.againAtMs = clock.monotonic() + result.afterMs;
      delayed.put(entry);
    }
  }

  function newEntry({ uid, node }: EvictionTask): Entry {
    came += 1;
    const unknown = { startMs: Infinity, leadMs: 0, againAtMs: Infinity };
    return { uid, node, turn: came, tasks: new Map(), state: 'ready', isOutdated: false, ...unknown };
  }

  /** Puts it among the pods of its node that may be looked at, by what is known of its drains now. */
  function makeReady(entry: Entry): void {
    delayed.delete(entry);
    const task = mostUrgent(entry);
    entry.state = 'ready';
    entry.startMs = task === undefined ? Infinity : startOf(task);
    entry.leadMs = task?.leadMs ?? 0;
    const node = nodes.get(entry.node) ?? { ready: new Heap(byUrgency), first: undefined, among: undefined };
    nodes.set(entry.node, node);
    node.ready.put(entry);
    takeTurn(entry.node);
  }

  /** Takes it from where it waits. */
  function leave(entry: Entry): void {
    delayed.delete(entry);
    nodes.get(entry.node)?.ready.delete(entry);
    takeTurn(entry.node);
  }

  /** Puts a node in its turn again, after what it waits for or with has changed. */
  function takeTurn(name: string): void {
    const node = nodes.get(name);
    if (node === undefined) return;
    const first = node.ready.peek();
    const among = first === undefined ? undefined : turns[places.standing(name)];
    if (node.among !== among) node.among?.delete(node);
    node.first = first;
    node.among = among;
    if (among === undefined) nodes.delete(name);
    else among.put(node);
  }

  function forget(entry: Entry, task: EvictionTask): void {
    entry.tasks.get(task)?.();
    entry.tasks.delete(task);
  }

  function drop(entry: Entry): void {
    leave(entry);
    entries.delete(entry.uid);
  }

  function lookSooner(entry: Entry): void {
    if (entry.state === 'looking') entry.isOutdated = true;
    else makeReady(entry);
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
      const entry = entries.get(task.uid) ?? newEntry(task);
      entries.set(task.uid, entry);
      entry.tasks.set(task, subscribe(entry, task));
      lookSooner(entry);
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

const STANDINGS: readonly Standing[] = ['idle', 'open', 'full'];

/** The pods of one node that may be looked at. */
interface NodeTurn {
  readonly ready: Heap<Entry>;
  /** The most urgent of them; it is what the node's turn goes by. */
  first: Entry | undefined;
  /** The nodes among which it waits. */
  among: Heap<NodeTurn> | undefined;
}

/** One pod on the queue, and the drains that want it gone. */
interface Entry {
  readonly uid: string;
  readonly node: string;
  /** Counts the pods that came on the queue: among equals, first come, first served. */
  readonly turn: number;
  /** Each with what ends its subscriptions. */
  readonly tasks: Map<EvictionTask, () => void>;
  state: 'ready' | 'looking' | 'delayed';
  /** The last moment at which it can start to go with all of its grace, and that grace with the margin, for the drain that must end first. */
  startMs: number;
  leadMs: number;
  /** The next look while delayed, on the monotonic clock. */
  againAtMs: number;
  /** A deadline has moved during the look: what the look said of the next one is out of date. */
  isOutdated: boolean;
}

function byFirst(a: NodeTurn, b: NodeTurn): number {
  return a.first === undefined || b.first === undefined ? 0 : byUrgency(a.first, b.first);
}

/** Earliest last graceful moment first; of the same, longest grace first. */
function byUrgency(a: Entry, b: Entry): number {
  // Not by their difference, which is no number where neither has a deadline.
  if (a.startMs !== b.startMs) return a.startMs < b.startMs ? -1 : 1;
  return b.leadMs - a.leadMs || a.turn - b.turn;
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
