import { repeat } from '@node-termination-handler/clock';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { MessagesInHand } from './in-hand.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** Without a round of extensions for so long beside its own time the loop is stuck, in milliseconds: each has a time limit. */
const ROUND_WITHIN_MS = 90_000;

/**
 * Extends the visibility timeout of every message in hand until the program ends, so that a drain longer than the timeout is
 * never received twice.
 *
 * Extended at a third of the timeout: two extensions may fail before a message is seen again. Twelve hours after its delivery SQS hides a
 * message no longer: it is shown at once, and goes on in hand with its next delivery.
 *
 * @returns what extends it now, too, and gives whether that can be done.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export function keepInvisible(
  queue: Pick<Queue, 'changeVisibility'>,
  inHand: Pick<MessagesInHand, 'size' | 'writeAll'>,
  {
    clock,
    health,
    log,
    opened,
    settings,
  }: Pick<Runtime<QueueProcessorSettings>, 'clock' | 'health' | 'log' | 'opened' | 'settings'>,
): () => Promise<boolean> {
  const { sqsMsgVisibilityTimeoutSeconds: timeoutSeconds } = settings;
  const everyMs = (timeoutSeconds * 1000) / 3;
  const loop = health.loop('extension of visibility', { withinMs: everyMs + ROUND_WITHIN_MS });
  const failing = 'a message could not be kept invisible (sqs:ChangeMessageVisibility)';
  const over = 'messages are kept invisible again';
  const advice = 'sqs:ChangeMessageVisibility in the role, or the way to SQS';
  const failure = createLastingFailure({ log, clock, failing, over, advice });
  const extend = async (message: QueueMessage): Promise<'kept' | 'lost'> => {
    const fields = { 'message-id': message.id, 'receive-count': message.receiveCount };
    switch (await queue.changeVisibility(message, timeoutSeconds)) {
      case 'done':
        return 'kept';
      case 'gone':
        log.warn(
          fields,
          'a message in work is not hidden any more: it was deleted, or its visibility timeout had ended',
        );
        return 'lost';
      case 'beyond-limit':
        log.info(fields, 'a message was in hand for twelve hours, the longest that SQS hides one: it is received anew');
        await queue.changeVisibility(message, 0);
        return 'lost';
    }
  };
  let isKept = true;
  const round = async (): Promise<void> => {
    const isAny = inHand.size > 0;
    const failures = await inHand.writeAll(extend);
    for (const reason of failures) failure.failed(reason);
    if (failures.length === 0 && isAny) failure.succeeded();
    if (isAny) isKept = failures.length === 0;
    loop.turned();
  };
  opened.use(repeat(clock, everyMs, round, { keepsProcessAlive: false }));
  return async () => {
    await round();
    return isKept;
  };
}
