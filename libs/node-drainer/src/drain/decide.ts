const SECOND = 1000;

/** Everything that the decision about one pod rests on, at one moment. */
export interface Look {
  readonly nowMs: number;
  /** When the machine goes; `Infinity` when nobody has said. */
  readonly deadlineMs: number;
  /** Kept free before the deadline for the pod's end to be reported. */
  readonly marginMs: number;
  readonly onDeadline: 'respect' | 'deadline';
  /** The grace that the pod has of its own, or that the drain gives to all. */
  readonly graceSeconds: number;
  /** Whether that is another than the pod's own, so that it must be said in the request. */
  readonly graceIsOverridden: boolean;
  readonly isCompleted: boolean;
  /** Whether it stays by rule until it must be hurried. */
  readonly isKept: boolean;
  /** Whether the server has said that the pod's namespace is being deleted. */
  readonly isNamespaceTerminating: boolean;
  /** When it is terminating: the moment at which its grace ends. */
  readonly terminatesAtMs: number | undefined;
  /** By what a pod is hurried whose time is short: an eviction first; what was refused takes turns with the other. */
  readonly hurryBy: 'evict' | 'delete';
}

/** What to do with a pod now. */
export type Decision =
  /** Ask the Eviction API, which respects budgets. `hurried`: with the grace that remains. */
  | { do: 'evict'; hurried: boolean; graceSeconds?: number }
  /**
   * Delete it past the Eviction API. It has ended; its namespace goes; its time is short and its eviction was refused
   * (`deadline`); or it is on its way, but with more grace than there is (`shortened`).
   */
  | { do: 'delete'; why: 'completed' | 'namespace-terminating' | 'deadline' | 'shortened'; graceSeconds?: number }
  /** It is on its way, or stays for now; there is nothing to do but wait. */
  | { do: 'wait' }
  /** The deadline has passed. */
  | { do: 'give-up' };

/**
 * Decides about a pod anew from what is known now; nothing is remembered but what the look carries.
 *
 * With `onDeadline: 'deadline'`, a pod whose own grace no longer fits before the deadline is hurried: evicted with the grace that remains,
 * and when that is refused deleted with it – it would not survive the machine anyway, and this way it hears of its end.
 */
export function decide(look: Look): Decision {
  const { nowMs, terminatesAtMs } = look;
  if (nowMs >= look.deadlineMs) return { do: 'give-up' };
  const remaining = remainingGraceSeconds(look);
  if (terminatesAtMs !== undefined) {
    const endsTooLate = terminatesAtMs > look.deadlineMs - look.marginMs + SECOND;
    const isWorthwhile = terminatesAtMs > nowMs + (remaining + 1) * SECOND;
    return look.onDeadline === 'deadline' && endsTooLate && isWorthwhile
      ? { do: 'delete', why: 'shortened', graceSeconds: remaining }
      : { do: 'wait' };
  }
  if (look.isCompleted) return { do: 'delete', why: 'completed' };
  const isHurried = mustHurry(look);
  if (look.isKept && !isHurried) return { do: 'wait' };
  const grace = isHurried ? Math.min(look.graceSeconds, remaining) : look.graceSeconds;
  const said = isHurried || look.graceIsOverridden ? { graceSeconds: grace } : undefined;
  if (look.isNamespaceTerminating) return { do: 'delete', why: 'namespace-terminating', ...said };
  if (isHurried && look.hurryBy === 'delete') return { do: 'delete', why: 'deadline', ...said };
  return { do: 'evict', hurried: isHurried, ...said };
}

/** Whether the pod's own grace no longer fits before a deadline at which it would be lost. */
export function mustHurry(
  look: Pick<Look, 'nowMs' | 'deadlineMs' | 'marginMs' | 'graceSeconds' | 'onDeadline'>,
): boolean {
  return look.onDeadline === 'deadline' && look.nowMs > lastGracefulMoment(look);
}

/** The last moment at which the pod can start to go with all of its grace. */
export function lastGracefulMoment(look: Pick<Look, 'deadlineMs' | 'marginMs' | 'graceSeconds'>): number {
  return look.deadlineMs - look.marginMs - look.graceSeconds * SECOND;
}

/**
 * How many seconds the pod is short of, should it take all of its grace; `undefined` when it fits.
 */
export function secondsShort(look: Omit<Look, 'onDeadline' | 'hurryBy'>): number | undefined {
  if (look.isCompleted) return undefined;
  const endsAtMs = look.terminatesAtMs ?? look.nowMs + look.graceSeconds * SECOND;
  const shortMs = endsAtMs - (look.deadlineMs - look.marginMs);
  // Deletion timestamps have whole seconds.
  return shortMs > (look.terminatesAtMs === undefined ? 0 : SECOND) ? Math.ceil(shortMs / SECOND) : undefined;
}

/** At least one second: a grace of 0 removes the pod from the API server while its containers still run. */
function remainingGraceSeconds(look: Look): number {
  return Math.max(1, Math.floor((look.deadlineMs - look.marginMs - look.nowMs) / SECOND));
}
