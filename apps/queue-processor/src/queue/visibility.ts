import { repeat } from '@node-termination-handler/clock';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { MessagesInWork } from './in-work.ts';
import type { Queue } from './queue.ts';

/** Without a round of extensions for so long beside its own time the loop is stuck, in milliseconds: each has a time limit. */
const ROUND_WITHIN_MS = 90_000;

/**
 * Extends the visibility timeout of every message in work until the program ends, so that a drain longer than the timeout is
 * never received twice.
 *
 * Extended at a third of the timeout: two extensions may fail before a message is seen again.
 */
export function keepInvisible(
  queue: Pick<Queue, 'changeVisibility'>,
  inWork: Pick<MessagesInWork, 'list'>,
  {
    clock,
    health,
    log,
    opened,
    settings,
  }: Pick<Runtime<QueueProcessorSettings>, 'clock' | 'health' | 'log' | 'opened' | 'settings'>,
): void {
  const { sqsMsgVisibilityTimeoutSeconds: timeoutSeconds } = settings;
  const everyMs = (timeoutSeconds * 1000) / 3;
  const loop = health.loop('extension of visibility', { withinMs: everyMs + ROUND_WITHIN_MS });
  const failing = 'a message could not be kept invisible (sqs:ChangeMessageVisibility)';
  const failure = createLastingFailure({ log, clock, failing, over: 'messages are kept invisible again' });
  const round = async (): Promise<void> => {
    const messages = inWork.list();
    const ends = await Promise.allSettled(messages.map((message) => queue.changeVisibility(message, timeoutSeconds)));
    const failed = ends.filter((end) => end.status === 'rejected');
    for (const { reason } of failed) failure.failed(reason);
    if (failed.length === 0 && messages.length > 0) failure.succeeded();
    loop.turned();
  };
  opened.use(repeat(clock, everyMs, round, { keepsProcessAlive: false }));
}
