import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { HandlingResult } from '@node-termination-handler/interruption-handler';
import type { MessageOutcome } from '@node-termination-handler/metrics';
import type { NodeLook } from '../instances/look-for-node.ts';
import type { MessagesInHand } from '../queue/in-hand.ts';
import type { Queue, QueueMessage } from '../queue/queue.ts';

/** What one event means for the message it came in. */
export type EventEnd =
  /** All is done, or nothing was to be done. */
  | {
      readonly status: 'finished';
      readonly outcome: 'handled' | 'carried' | 'not_actionable' | 'not_managed' | 'node_not_found';
      /** Why nothing was to be done, for people; absent where that was told already, or something was done. */
      readonly reason?: string;
    }
  /** Must be tried again, after a while. */
  | { readonly status: 'retry'; readonly outcome: 'failed' | 'node_not_found'; readonly reason: string }
  /** Its node was looked for long enough: what becomes of it is left to the queue. */
  | Extract<NodeLook, { readonly status: 'left' }>
  /** More messages wait than there is room for. */
  | { readonly status: 'no-room' }
  /** This process stops; another takes over. */
  | { readonly status: 'handed-back' };

/** Says what the engine's result means for the message. Pure. */
export function eventEnd(result: HandlingResult, deleteIfNodeNotFound: boolean): EventEnd {
  switch (result.status) {
    case 'done':
      return { status: 'finished', outcome: 'handled' };
    case 'carried':
      return { status: 'finished', outcome: 'carried' };
    case 'ignored':
    case 'cancelled':
      return { status: 'finished', outcome: 'not_actionable' };
    case 'node-not-found':
      return deleteIfNodeNotFound
        ? { status: 'finished', outcome: 'node_not_found' }
        : { status: 'retry', outcome: 'node_not_found', reason: 'no node of this cluster belongs to the instance' };
    case 'failed':
      return { status: 'retry', outcome: 'failed', reason: result.reason };
    case 'handed-back':
      return { status: 'handed-back' };
  }
}

/** What is to be done with a message after its events. */
export type Settlement =
  | { readonly action: 'delete'; readonly outcome: MessageOutcome }
  /** Seen again after some seconds. */
  | { readonly action: 'return'; readonly outcome: MessageOutcome; readonly afterSeconds: number }
  /** Not touched: the queue's own redrive policy decides. */
  | { readonly action: 'leave'; readonly outcome: MessageOutcome };

/** The longest pause before a message is seen again, in seconds. */
const LONGEST_PAUSE = 60;

/** How a message came to be where it is. */
export interface Received {
  /** How often it was delivered: each further try waits longer. */
  readonly receiveCount: number;
  /** For how long it is hidden if there is no room for it, in seconds. */
  readonly hiddenSeconds: () => number;
}

/**
 * Decides what becomes of a message: it is deleted only when every one of its events has come to an end. Pure.
 */
export function settlementOf(ends: readonly EventEnd[], { receiveCount, hiddenSeconds }: Received): Settlement {
  const has = (status: EventEnd['status']): boolean => ends.some((end) => end.status === status);
  if (has('handed-back')) return HANDED_BACK;
  if (has('no-room')) return { action: 'return', outcome: 'no_room', afterSeconds: hiddenSeconds() };
  const retry = ends.find((end) => end.status === 'retry');
  if (retry !== undefined) {
    return {
      action: 'return',
      outcome: retry.outcome,
      afterSeconds: Math.min(LONGEST_PAUSE, 5 * 2 ** Math.min(receiveCount - 1, 10)),
    };
  }
  if (has('left')) return { action: 'return', outcome: 'node_not_found', afterSeconds: LONGEST_PAUSE };
  const finished = ends.filter((end) => end.status === 'finished');
  const outcome =
    finished.find((end) => end.outcome === 'handled')?.outcome ?? finished[0]?.outcome ?? 'not_actionable';
  return { action: 'delete', outcome };
}

/** What becomes of a message when the program stops: another goes on with it at once. */
export const HANDED_BACK: Settlement = { action: 'return', outcome: 'handed_back', afterSeconds: 0 };

/** What settling a message needs. */
export interface SettleParts {
  readonly queue: Pick<Queue, 'delete' | 'changeVisibility'>;
  readonly inHand: Pick<MessagesInHand, 'settle'>;
  readonly clock: Clock;
  /** Resolves when the program stops and no poll of its own can bring a message any more. */
  readonly pollsEnded: Promise<unknown>;
}

/** Does with a message what was decided, and lets go of it: from then on nothing keeps it invisible. */
export async function settle(
  message: QueueMessage,
  settlement: Settlement,
  { queue, inHand, clock, pollsEnded }: SettleParts,
): Promise<void> {
  // A poll of our own would bring it again, and each receipt counts towards the dead-letter queue.
  if (settlement.outcome === 'handed_back') await pollsEnded;
  await inHand.settle(message, (delivery) =>
    retry({ clock, backoff: { firstMs: 200, maxMs: 5_000 }, tries: 8 }, async () => {
      if (settlement.action === 'delete') await queue.delete(delivery);
      if (settlement.action === 'return') await queue.changeVisibility(delivery, settlement.afterSeconds);
    }),
  );
}
