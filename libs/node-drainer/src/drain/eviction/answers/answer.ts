/** What an answer that is not a success means for the pod. */
export type EvictionAnswer =
  /** There is no such pod. */
  | { kind: 'gone' }
  /** A precondition failed: it may be another pod of the same name. */
  | { kind: 'uncertain' }
  /** A PodDisruptionBudget says no, or can't say yes. */
  | { kind: 'blocked'; budget: string | undefined; message: string; retryAfterMs: number | undefined }
  /** The server asks everybody to slow down. */
  | { kind: 'throttled'; message: string; retryAfterMs: number }
  /** The server had a fault, or did not answer. */
  | { kind: 'unanswered'; message: string }
  /** Trying again won't help. */
  | { kind: 'refused'; message: string };
