import { parseQueueMessage } from '@node-termination-handler/event-parsers';
import type { Logger } from '@node-termination-handler/logger';
import type { Metrics } from '@node-termination-handler/metrics';
import type { QueueMessage } from '../queue/queue.ts';
import type { Teller } from '../tell.ts';
import { processEvent } from './process-event.ts';
import type { EventProcessing } from './process-event.ts';
import { settle, settlementOf, settlementOfPoison } from './settlement.ts';
import type { Settlement, SettleParts } from './settlement.ts';

/** What the work on a message needs. */
export interface MessageWork extends EventProcessing, SettleParts {
  /** What becomes of bodies that cannot be understood. */
  readonly poison: () => Promise<'delete' | 'leave'>;
  readonly teller: Teller;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  readonly metrics: Pick<Metrics, 'countMessage' | 'observeQueueMessageAge'>;
}

/** Takes one message from its receipt to its end: parse → for each event decide, drain, after → delete or give back. Never rejects. */
export async function workOnMessage(message: QueueMessage, work: MessageWork): Promise<void> {
  const { clock, metrics, settings, signal, teller } = work;
  if (message.receiveCount === 1 && message.sentAt !== undefined)
    metrics.observeQueueMessageAge((clock.now() - message.sentAt.getTime()) / 1000);
  // Received while the program stops: nothing of it is begun.
  const settlement = signal.aborted
    ? settlementOf([{ status: 'handed-back' }], 1)
    : await processMessage(message, work);
  metrics.countMessage(settlement.outcome);
  try {
    await settle(message, settings.dryRun ? { ...settlement, action: 'leave' } : settlement, work);
    teller.settled(message, settlement);
  } catch (error) {
    teller.notSettled(message, error);
  }
}

async function processMessage(message: QueueMessage, work: MessageWork): Promise<Settlement> {
  const { clock, log, poison, teller } = work;
  const id = { 'message-id': message.id };
  const outcome = parseQueueMessage(message.body, new Date(clock.now()), message.sentAt);
  switch (outcome.status) {
    case 'poison':
      log.warn({ ...id, reason: outcome.reason }, 'a message could not be understood');
      return settlementOfPoison(await poison());
    case 'not-actionable':
      log.debug({ ...id, reason: outcome.reason }, 'a message needs no action');
      return { action: 'delete', outcome: 'not_actionable' };
    case 'events': {
      for (const reason of outcome.rejected ?? [])
        log.warn({ ...id, reason }, 'a part of a message could not be understood');
      teller.began(message, outcome.events);
      const ends = await Promise.all(outcome.events.map((event) => processEvent(event, work)));
      teller.ended(message, ends);
      return settlementOf(ends, message.receiveCount);
    }
  }
}
