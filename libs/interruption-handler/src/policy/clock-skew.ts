import { KINDS } from '../kinds.ts';
import type { NodeInterruption } from '../kinds.ts';

/** Clocks that a time service keeps differ by less. */
const TOLERANCE_MS = 5_000;

/**
 * By how many seconds the service's clock runs ahead of this machine's, where a notice shows it: it was given in the future, or a Spot
 * Instance goes later than two minutes from now. A clock that runs behind can't be told from a notice that was late. Pure.
 *
 * The deadline of a drain is bounded by the setting in any case, so a skew costs at worst its own length.
 */
export function clockSkewSeconds(event: NodeInterruption, now: Date): number | undefined {
  const noticedAhead = event.noticedAt.getTime() - now.getTime();
  const { noticeMs = Infinity } = KINDS[event.kind];
  const startsAhead = event.startTime.getTime() - now.getTime() - noticeMs;
  const aheadMs = Math.max(noticedAhead, startsAhead);
  return aheadMs > TOLERANCE_MS ? Math.round(aheadMs / 1000) : undefined;
}
