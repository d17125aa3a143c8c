import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { HandlingResult } from '@node-termination-handler/interruption-handler';
import type { MessageOutcome } from '@node-termination-handler/metrics';
import type { MessagesInWork } from '../queue/in-work.ts';
import type { Queue, QueueMessage } from '../queue/queue.ts';

/** What one event means for the message it came in. */
export type EventEnd =
  /** All is done, or nothing was to be done. */
  | {
      readonly status: 'finished';
      readonly outcome: 'handled' | 'carried' | 'not_actionable' | 'not_managed' | 'node_not_found';
    }
  /** Must be tried again, after a while. */
  | { readonly status: 'retry'; readonly outcome: 'failed' | 'node_not_found'; readonly reason: string }
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

/**
 * Decides what becomes of a message: it is deleted only when every one of its events has come to an end. Pure.
 *
 * @param receiveCount how often it was delivered: each further try waits longer.
 */
export function settlementOf(ends: readonly EventEnd[], receiveCount: number): Settlement {
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
export function settlementOfPoison(policy: 'delete' | 'leave'): Settlement {
  return policy === 'delete' ? { action: 'delete', outcome: 'poison' } : { action: 'leave', outcome: 'poison' };
}

/**
 * Decides once what becomes of bodies that cannot be understood: the setting, else `leave` where the queue moves them
 * to a dead-letter queue, else `delete`.
 *
 * Where that cannot be found out they are left: a message that comes again does less harm than one that is lost.
 */
export function poisonPolicy(
  setting: 'delete' | 'leave' | undefined,
  queue: Pick<Queue, 'hasRedrivePolicy'>,
): () => Promise<'delete' | 'leave'> {
  let known: Promise<'delete' | 'leave'> | undefined;
  return () => {
    if (setting !== undefined) return Promise.resolve(setting);
    known ??= queue.hasRedrivePolicy().then(
      (redrives) => (redrives ? 'leave' : 'delete'),
      () => {
        known = undefined;
        return 'leave';
      },
    );
    return known;
  };
}

/** What settling a message needs. */
export interface SettleParts {
  readonly queue: Pick<Queue, 'delete' | 'changeVisibility'>;
  readonly inWork: Pick<MessagesInWork, 'latest' | 'remove'>;
  readonly clock: Clock;
}

/** Does with a message what was decided, and takes it out of work: from then on nothing keeps it invisible. */
export async function settle(
  message: QueueMessage,
  settlement: Settlement,
  { queue, inWork, clock }: SettleParts,
): Promise<void> {
  try {
    await retry({ clock, backoff: { firstMs: 200, maxMs: 5_000 }, tries: 8 }, async () => {
      const delivery = inWork.latest(message);
      if (settlement.action === 'delete') await queue.delete(delivery);
      if (settlement.action === 'return') await queue.changeVisibility(delivery, settlement.afterSeconds);
    });
  } finally {
    inWork.remove(message);
  }
}
