import { parseQueueMessage } from '@node-termination-handler/event-parsers';
import type { InterruptionEvent, ParseOutcome } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';
import type { Logger } from '@node-termination-handler/logger';
import type { Metrics } from '@node-termination-handler/metrics';
import type { PoisonPolicy } from '../queue/attributes.ts';
import type { MessagesInHand } from '../queue/in-hand.ts';
import type { QueueMessage } from '../queue/queue.ts';
import { urgencyOf } from '../queue/waiting.ts';
import type { Urgency, WaitingRoom } from '../queue/waiting.ts';
import type { Teller } from '../tell.ts';
import { processEvent } from './process-event.ts';
import type { EventProcessing } from './process-event.ts';
import { HANDED_BACK, settle, settlementOf } from './settlement.ts';
import type { Settlement, SettleParts } from './settlement.ts';

/**
 * So many messages may be in hand: more than all interruptions of the largest cluster, and far below what SQS lets be in flight. Beyond that
 * a message goes back as if it had to wait; urgent ones have some room of their own.
 */
const MOST_IN_HAND = { urgent: 12_000, other: 10_000 };

/** What the work on a message needs. */
export interface MessageWork extends Omit<EventProcessing, 'place' | 'onWait' | 'lookedForSince'>, SettleParts {
  /** What becomes of bodies that cannot be understood. */
  readonly poison: () => Promise<PoisonPolicy>;
  readonly inHand: Pick<MessagesInHand, 'settle' | 'size'>;
  /** Where messages wait. */
  readonly room: Pick<WaitingRoom, 'place' | 'hiddenSeconds'>;
  readonly teller: Teller;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  readonly metrics: Pick<Metrics, 'countMessage' | 'observeQueueMessageAge'>;
}

/**
 * Takes one message from its receipt to its end: parse → for each event decide, drain, after → delete or give back. Never rejects. The body is
 * not kept: it may be 256 KiB, and the message may be in hand for days.
 */
export function workOnMessage(message: QueueMessage, body: string, work: MessageWork): Promise<void> {
  return workOnOutcome(message, outcomeOf(message, body, work), work);
}

/** A fault in the reading of one body must not end the work on all others. */
function outcomeOf({ sentAt }: QueueMessage, body: string, { clock }: Pick<MessageWork, 'clock'>): ParseOutcome {
  try {
    return parseQueueMessage(body, new Date(clock.now()), sentAt);
  } catch (error) {
    return { status: 'poison', reason: `a fault of this program: ${errorText(error)}` };
  }
}

async function workOnOutcome(message: QueueMessage, outcome: ParseOutcome, work: MessageWork): Promise<void> {
  const { clock, metrics, settings, signal, teller } = work;
  if (message.receiveCount === 1 && message.sentAt !== undefined)
    metrics.observeQueueMessageAge((clock.now() - message.sentAt.getTime()) / 1000);
  // Received while the program stops: nothing of it is begun.
  const settlement = signal.aborted ? HANDED_BACK : await processSafely(message, outcome, work);
  metrics.countMessage(settlement.outcome);
  try {
    await settle(message, settings.dryRun ? { ...settlement, action: 'leave' } : settlement, work);
    teller.settled(message, settlement);
  } catch (error) {
    teller.notSettled(message, error);
  }
}

/** A fault in the work on one message must not end that on all others: it is tried again, as after any failure. */
async function processSafely(message: QueueMessage, outcome: ParseOutcome, work: MessageWork): Promise<Settlement> {
  try {
    return await processOutcome(message, outcome, work);
  } catch (error) {
    if (work.signal.aborted) return HANDED_BACK;
    work.log.warn(
      { 'message-id': message.id, err: error },
      'a message was not worked on to its end: it is tried again',
    );
    const received = { receiveCount: message.receiveCount, hiddenSeconds: () => 0 };
    return settlementOf([{ status: 'retry', outcome: 'failed', reason: errorText(error) }], received);
  }
}

async function processOutcome(message: QueueMessage, outcome: ParseOutcome, work: MessageWork): Promise<Settlement> {
  const { log, poison, settings } = work;
  const id = { 'message-id': message.id };
  switch (outcome.status) {
    case 'poison': {
      const { action, words } = await poison();
      const fate = settings.dryRun ? `it stays, as this is a dry run; else ${words}` : words;
      log.warn({ ...id, reason: outcome.reason }, `a message could not be understood: ${fate}`);
      return { action, outcome: 'poison' };
    }
    case 'not-actionable':
      log.debug({ ...id, reason: outcome.reason }, 'a message needs no action');
      return { action: 'delete', outcome: 'not_actionable' };
    case 'events': {
      const [reason, ...others] = outcome.rejected ?? [];
      if (reason !== undefined)
        log.warn({ ...id, reason, parts: others.length + 1 }, 'a part of a message could not be understood');
      return processEvents(message, outcome.events, work);
    }
  }
}

async function processEvents(
  message: QueueMessage,
  events: readonly InterruptionEvent[],
  work: MessageWork,
): Promise<Settlement> {
  const { clock, inHand, room, teller } = work;
  const now = new Date(clock.now());
  const urgency = events.reduce<Urgency>((most, event) => atMost(most, urgencyOf(event, now)), 4);
  const received = { receiveCount: message.receiveCount, hiddenSeconds: () => room.hiddenSeconds(urgency) };
  if (inHand.size > (urgency === 0 ? MOST_IN_HAND.urgent : MOST_IN_HAND.other))
    return settlementOf([{ status: 'no-room' }], received);
  teller.began(message, events);
  const place = room.place({ events, urgency });
  let waits = false;
  const parts: EventProcessing = {
    ...work,
    place,
    ...(message.receiveCount > 1 ? { lookedForSince: message.sentAt } : {}),
    onWait(event, reason) {
      if (!waits) teller.waits(message, event, reason);
      waits = true;
    },
  };
  const ends = await Promise.all(events.map((event) => processEvent(event, parts).finally(() => place.eventEnded())));
  teller.ended(message, events, ends);
  return settlementOf(ends, received);
}

function atMost(one: Urgency, other: Urgency): Urgency {
  return one < other ? one : other;
}
