import type { MessageOutcome } from '@node-termination-handler/metrics';
import type { EventEnd } from './event-end.ts';

/** What is to be done with a message after its events. */
export type MessageFate =
  | { readonly action: 'delete'; readonly outcome: MessageOutcome }
  /** Seen again after some seconds. */
  | { readonly action: 'return'; readonly outcome: MessageOutcome; readonly afterSeconds: number }
  /** Not touched: the queue's own redrive policy decides. */
  | { readonly action: 'leave'; readonly outcome: MessageOutcome };

/** The longest pause before a message is seen again, in seconds. */
const LONGEST_PAUSE = 60;

/**
 * Decides what becomes of a message: it is deleted only when every one of its events has come to an end. Pure.
 *
 * @param receiveCount how often it was delivered: each further try waits longer.
 */
export function messageFate(ends: readonly EventEnd[], receiveCount: number): MessageFate {
  if (ends.some(({ status }) => status === 'handed-back'))
    return { action: 'return', outcome: 'handed_back', afterSeconds: 0 };
  const retry = ends.find((end) => end.status === 'retry');
  if (retry !== undefined) {
    return {
      action: 'return',
      outcome: retry.outcome,
      afterSeconds: Math.min(LONGEST_PAUSE, 5 * 2 ** Math.min(receiveCount - 1, 10)),
    };
  }
  const finished = ends.filter((end) => end.status === 'finished');
  const outcome =
    finished.find((end) => end.outcome === 'handled')?.outcome ?? finished[0]?.outcome ?? 'not_actionable';
  return { action: 'delete', outcome };
}

/** Decides what becomes of a body that cannot be understood. Pure. */
export function poisonFate(policy: 'delete' | 'leave'): MessageFate {
  return policy === 'delete' ? { action: 'delete', outcome: 'poison' } : { action: 'leave', outcome: 'poison' };
}
