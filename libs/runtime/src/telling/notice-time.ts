import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, NodeInterruption } from '@node-termination-handler/interruption-handler';

/**
 * By how many seconds a notice came after the moment at which its instance was to be gone, where the notice says when that is; `undefined`: it
 * came in time. Pure.
 */
export function secondsTooLate({ event, at }: Pick<InterruptionProgress, 'event' | 'at'>): number | undefined {
  const isAtOnce = 'action' in event && event.action === 'hibernate';
  if (KINDS[event.kind].end !== 'at-start' || isAtOnce || event.startTime > at) return undefined;
  return Math.round((at.getTime() - event.startTime.getTime()) / 1000);
}

/** Clocks that a time service keeps differ by less. */
const TOLERANCE_MS = 5_000;

/**
 * By how many seconds the service's clock runs ahead of this machine's, where a notice shows it: it was given in the future, or a Spot
 * Instance goes later than two minutes from now. A clock that runs behind can't be told from a notice that was late. Pure.
 *
 * The drain of what is urgent is bounded by the setting in any case, so a skew costs at worst its own length.
 */
export function clockSkewSeconds(event: NodeInterruption, now: Date): number | undefined {
  const noticedAhead = event.noticedAt.getTime() - now.getTime();
  const { noticeMs = Infinity } = KINDS[event.kind];
  const startsAhead = event.startTime.getTime() - now.getTime() - noticeMs;
  const aheadMs = Math.max(noticedAhead, startsAhead);
  return aheadMs > TOLERANCE_MS ? Math.round(aheadMs / 1000) : undefined;
}
