import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';

/**
 * By how many seconds a notice came after the moment at which its instance was to be gone, where the notice says when that is; `undefined`: it
 * came in time. Pure.
 */
export function secondsTooLate({ event, at }: Pick<InterruptionProgress, 'event' | 'at'>): number | undefined {
  const isAtOnce = 'action' in event && event.action === 'hibernate';
  if (KINDS[event.kind].end !== 'at-start' || isAtOnce || event.startTime > at) return undefined;
  return Math.round((at.getTime() - event.startTime.getTime()) / 1000);
}
