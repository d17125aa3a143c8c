import * as v from 'valibot';
import { parseOptions } from '../../invalid-options-error.ts';
import { systemClock } from '../../time/clock.ts';
import type { Delay, Entry } from './entry.ts';
import { byUrgency, createEntry, mostUrgent } from './entry.ts';
import type { EvictionQueue, EvictionQueueOptions, EvictionTask, NextLook } from './eviction-queue.ts';
import { Heap } from './heap.ts';

const schema = v.object({
  concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1, 'must be at least 1')), 100),
});

/** Made once: an error is dear to make, and alarms are replaced often. */
const REPLACED = new Error('replaced by another alarm');

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
  let alarm: { atMs: number; controller: AbortController } | undefined;

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
    const now = clock.now();
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
    alarm?.controller.abort(REPLACED);
    alarm = undefined;
    if (wakeAtMs === Infinity) return;
    const next = { atMs: wakeAtMs, controller: new AbortController() };
    alarm = next;
    // A replaced alarm has a successor, or nothing to wake for.
    clock.sleep(wakeAtMs - now, next.controller.signal).then(
      () => {
        if (alarm === next) alarm = undefined;
        pump();
      },
      () => undefined,
    );
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
    if (result.next === 'pause') pausedUntilMs = Math.max(pausedUntilMs, result.atMs);
    if (result.next === 'done') forget(entry, task);
    if (entry.tasks.size === 0) drop(entry);
    else if (result.next === 'done' || entry.isOutdated || !entry.tasks.has(task)) makeReady(entry);
    else delay(entry, result.atMs);
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
    const unfollow = task.deadline.onTighten(() => lookSooner(entry));
    const onAbort = () => {
      forget(entry, task);
      if (entry.tasks.size === 0 && entry.state !== 'looking') drop(entry);
      schedulePump();
    };
    task.signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      unfollow();
      task.signal.removeEventListener('abort', onAbort);
    };
  }

  return {
    add(task) {
      if (task.signal.aborted) return;
      const known = entries.get(task.uid);
      const entry = known ?? createEntry(task.uid, (turn += 1));
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
