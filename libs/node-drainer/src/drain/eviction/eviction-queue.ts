import type { Clock } from '../../time/clock.ts';
import type { Deadline } from '../../time/deadline.ts';

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
  /** Look again at `atMs`, or as soon as the deadline is tightened. */
  | { next: 'again'; atMs: number }
  /** The same, and no pod at all is looked at before. */
  | { next: 'pause'; atMs: number };

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
  /** Puts a pod on the queue. A pod that is on it for another drain is looked at for the tighter of the two deadlines. */
  add(task: EvictionTask): void;
  /** Pods that wait for their turn or their next look. */
  readonly waiting: number;
  /** Looks under way. */
  readonly inFlight: number;
}
