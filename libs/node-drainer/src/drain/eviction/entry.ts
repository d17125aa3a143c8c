import type { EvictionTask } from './eviction-queue.ts';

/** One pod on the queue, and the drains that want it gone. */
export interface Entry {
  readonly uid: string;
  /** Counts the pods that came on the queue: among equals, first come, first served. */
  readonly turn: number;
  /** Each with what ends its subscriptions. */
  readonly tasks: Map<EvictionTask, () => void>;
  state: 'ready' | 'looking' | 'delayed' | 'dropped';
  /** The wait that counts while delayed; earlier ones may still be on the heap. */
  delay: Delay | undefined;
  /** A deadline was tightened during the look: what the look said of the next one is out of date. */
  isOutdated: boolean;
}

/** A wait for the next look. */
export interface Delay {
  readonly entry: Entry;
  readonly atMs: number;
}

/** A pod that has just come on the queue. */
export function createEntry(uid: string, turn: number): Entry {
  return { uid, turn, tasks: new Map(), state: 'ready', delay: undefined, isOutdated: false };
}

/** Earliest deadline first; of the same deadline, longest grace first. */
export function byUrgency(a: Entry, b: Entry): number {
  const first = mostUrgent(a);
  const second = mostUrgent(b);
  if (first === undefined || second === undefined) return 0;
  return first.deadline.atMs - second.deadline.atMs || second.graceSeconds - first.graceSeconds || a.turn - b.turn;
}

/** The task whose drain must end first; it looks for all of them. */
export function mostUrgent(entry: Entry): EvictionTask | undefined {
  let best: EvictionTask | undefined;
  for (const task of entry.tasks.keys()) if (best === undefined || task.deadline.atMs < best.deadline.atMs) best = task;
  return best;
}
