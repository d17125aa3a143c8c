import { parseQueueMessage } from '@node-termination-handler/event-parsers';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import {
  createWebhook,
  effectiveSettings,
  loggerOptions,
  settingsOrExit,
  stopSignal,
} from '@node-termination-handler/runtime';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import packageJson from '../package.json' with { type: 'json' };
import { connectParts } from './parts.ts';
import { messageFate, poisonFate } from './process/message-fate.ts';
import type { MessageFate } from './process/message-fate.ts';
import { poisonPolicy } from './process/poison-policy.ts';
import { processEvent } from './process/process-event.ts';
import { processingOptions } from './process/processing-options.ts';
import { settle } from './process/settle.ts';
import type { QueueMessage } from './queue/message.ts';
import { receiveMessages } from './queue/receive.ts';

const NAME = 'queue-processor';
const VERSION = packageJson.version;

/** How long drains under way may go on when the program is told to stop; a pod's default grace is 30 s. */
const STOP_GRACE_MS = 20_000;

async function main(): Promise<void> {
  const parsed = loadQueueProcessorSettings({ argv: process.argv.slice(2), env: process.env });
  const { settings, mode, warnings } = settingsOrExit(parsed, NAME, VERSION);
  const log = createLogger(loggerOptions(settings, NAME, VERSION));
  for (const warning of warnings) log.warn(warning);
  const metrics = createMetrics();
  const webhook = await createWebhook(settings, log, metrics);
  if (mode === 'check') {
    log.info('the configuration is valid');
    return;
  }
  const stop = stopSignal((signal) => log.info({ signal }, 'stopping: finishing what is under way'));
  log.info(effectiveSettings(settings), 'starting with these settings');
  const parts = await connectParts({
    settings,
    webhook,
    log,
    metrics,
    userAgent: `node-termination-handler-${NAME}/${VERSION}`,
  });
  const { queue, inWork, polls, monitors, handler, teller } = parts;
  const processing = processingOptions(settings, { ...parts, log, signal: stop });
  const poison = poisonPolicy(settings.poisonMessages, queue);

  // Tell: whatever the engine does, as it does it.
  void teller.follow(handler.progress(parts.ended));

  // Source: several receivers, each with one long poll after the other.
  const receive = async (): Promise<void> => {
    const batches = receiveMessages(parts.aws.poll, {
      queueUrl: settings.queueUrl,
      visibilityTimeoutSeconds: settings.sqsMsgVisibilityTimeoutSeconds,
      room: (signal) => inWork.room(signal),
      onPolled: () => {
        polls.succeeded();
        monitors.succeeded('SQS_MONITOR');
      },
      onFailed: (error) => {
        polls.failed(error);
        monitors.failed('SQS_MONITOR', error);
      },
      signal: stop,
    });
    for await (const batch of batches) {
      for (const message of batch) {
        if (!inWork.add(message).isNew) metrics.countMessage('duplicate');
        else void work(message);
      }
    }
  };

  // One message, from its receipt to its end.
  const work = async (message: QueueMessage): Promise<void> => {
    if (message.receiveCount === 1 && message.sentAt !== undefined) {
      metrics.observeQueueMessageAge((Date.now() - message.sentAt.getTime()) / 1000);
    }
    const fate = stop.aborted ? messageFate([{ status: 'handed-back' }], 1) : await decideFate(message);
    metrics.countMessage(fate.outcome);
    try {
      await settle(queue, inWork, message, settings.dryRun ? { ...fate, action: 'leave' } : fate);
      teller.settled(message, fate);
    } catch (error) {
      teller.notSettled(message, error);
    }
  };

  // Parse → for each event: decide, drain, complete → what becomes of the message.
  const decideFate = async (message: QueueMessage): Promise<MessageFate> => {
    const outcome = parseQueueMessage(message.body, new Date());
    switch (outcome.status) {
      case 'poison':
        log.warn({ 'message-id': message.id, reason: outcome.reason }, 'a message could not be understood');
        return poisonFate(await poison());
      case 'not-actionable':
        log.debug({ 'message-id': message.id, reason: outcome.reason }, 'a message needs no action');
        return { action: 'delete', outcome: 'not_actionable' };
      case 'events': {
        for (const reason of outcome.rejected ?? [])
          log.warn({ 'message-id': message.id, reason }, 'a part of a message could not be understood');
        teller.began(message, outcome.events);
        const ends = await Promise.all(outcome.events.map((event) => processEvent(event, processing)));
        teller.ended(message, ends);
        return messageFate(ends, message.receiveCount);
      }
    }
  };

  monitors.started('SQS_MONITOR');
  await Promise.all(Array.from({ length: settings.queueReceivers }, receive));

  // Stop: what is under way ends, what is not goes back to the queue.
  await handler.close({ graceMs: STOP_GRACE_MS });
  await inWork.empty();
  await parts.close();
  log.info('stopped');
}

main().catch((error: unknown) => {
  process.stderr.write(`${NAME}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
