const SECOND = 1000;

/** Everything that the decision about one pod rests on, at one moment. */
export interface Look {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** Kept free before the deadline for the pod's end to be reported. */
  readonly marginMs: number;
  readonly onDeadline: 'respect' | 'deadline';
  /** The grace that the pod has of its own, or that the drain gives to all. */
  readonly graceSeconds: number;
  /** Whether the drain gives all pods their grace, so that it must be said in the request. */
  readonly graceIsOverridden: boolean;
  readonly isCompleted: boolean;
  /** When it is terminating: the moment at which its grace ends. */
  readonly terminatesAtMs: number | undefined;
  /** Whether the server has refused an eviction of it before. */
  readonly wasRefused: boolean;
}

/** What to do with a pod now. */
export type Decision =
  /** Ask the Eviction API, which respects budgets. */
  | { do: 'evict'; graceSeconds?: number }
  /** Delete it past the Eviction API. */
  | { do: 'delete'; why: 'completed' | 'deadline'; graceSeconds?: number }
  /** It is on its way; there is nothing to do but wait. */
  | { do: 'wait' }
  /** The deadline has passed. */
  | { do: 'give-up' };

/**
 * Decides about a pod anew from what is known now; nothing is remembered but what the look carries.
 *
 * With `onDeadline: 'deadline'`, budgets hold until the pod's own grace no longer fits before the deadline. From then
 * on the pod is given the grace that remains: first by an eviction, in case the budget allows it, and once that is
 * refused by a deletion – it would not survive the machine anyway, and this way it hears of its end.
 */
export function decide(look: Look): Decision {
  if (look.nowMs >= look.deadlineMs) return { do: 'give-up' };
  const remaining = remainingGraceSeconds(look);
  if (look.terminatesAtMs !== undefined) {
    const endsTooLate = look.terminatesAtMs > look.deadlineMs - look.marginMs + SECOND;
    const isWorthwhile = look.terminatesAtMs > look.nowMs + (remaining + 1) * SECOND;
    return look.onDeadline === 'deadline' && endsTooLate && isWorthwhile
      ? { do: 'delete', why: 'deadline', graceSeconds: remaining }
      : { do: 'wait' };
  }
  if (look.isCompleted) return { do: 'delete', why: 'completed' };
  if (look.onDeadline === 'respect' || look.nowMs <= lastGracefulMoment(look)) {
    return look.graceIsOverridden ? { do: 'evict', graceSeconds: look.graceSeconds } : { do: 'evict' };
  }
  const graceSeconds = Math.min(look.graceSeconds, remaining);
  return look.wasRefused ? { do: 'delete', why: 'deadline', graceSeconds } : { do: 'evict', graceSeconds };
}

/** The last moment at which the pod can start to go with all of its grace. */
export function lastGracefulMoment(look: Pick<Look, 'deadlineMs' | 'marginMs' | 'graceSeconds'>): number {
  return look.deadlineMs - look.marginMs - look.graceSeconds * SECOND;
}

/**
 * How many seconds the pod is short of, should it take all of its grace; `undefined` when it fits.
 */
export function secondsShort(look: Omit<Look, 'onDeadline' | 'wasRefused'>): number | undefined {
  if (look.isCompleted) return undefined;
  const endsAtMs = look.terminatesAtMs ?? look.nowMs + look.graceSeconds * SECOND;
  const shortMs = endsAtMs - (look.deadlineMs - look.marginMs);
  // Deletion timestamps have whole seconds.
  return shortMs > (look.terminatesAtMs === undefined ? 0 : SECOND) ? Math.ceil(shortMs / SECOND) : undefined;
}

/** At least one second: a grace of 0 would tear the pod away with no signal at all. */
function remainingGraceSeconds(look: Look): number {
  return Math.max(1, Math.floor((look.deadlineMs - look.marginMs - look.nowMs) / SECOND));
}
