/** Options of {@link createEvictionQueue}. */
export interface EvictionQueueOptions {
  /** Evictions under way at once. Default 100: the server takes some 100 ms for each, most of it waiting. */
  concurrency?: number;
}

/** Evicts pods for all drains of a process: those with the earliest deadline first, each pod by one request at a time. */
export interface EvictionQueue {
  /** Pods that wait for their turn or their next try. */
  readonly waiting: number;
  /** Requests under way. */
  readonly inFlight: number;
}
