import { errorText } from '@node-termination-handler/logger';
import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { QueueMissingError, ROUND_WITHIN_MS } from './receive.ts';
import type { ReceiverReport } from './receive.ts';

/** Without a successful poll for so long a receiver has no queue, in milliseconds: some long polls and their retries. */
const POLLED_WITHIN_MS = 90_000;

/**
 * Has the probes and the log say how each receiver does: its loop by itself, and its queue by itself.
 */
export function receiverReports({
  health,
  telling,
}: Pick<Runtime<QueueProcessorSettings>, 'health' | 'telling'>): (number: number) => ReceiverReport {
  return (number) => {
    const loop = health.loop(`receiver ${number}`, { withinMs: ROUND_WITHIN_MS });
    const queue = health.dependency(`queue of receiver ${number}`, { withinMs: POLLED_WITHIN_MS });
    return {
      turned: () => loop.turned(),
      polled() {
        queue.succeeded();
        telling.monitors.succeeded('SQS_MONITOR');
      },
      failed(error) {
        if (error instanceof QueueMissingError) queue.refused(errorText(error));
        else queue.failed(errorText(error));
        telling.monitors.failed('SQS_MONITOR', error);
      },
    };
  };
}
