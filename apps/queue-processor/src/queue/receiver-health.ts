import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { ROUND_WITHIN_MS } from './receive.ts';
import type { ReceiverReport } from './receive.ts';

/** Without a successful poll for so long a receiver has no queue, in milliseconds: some long polls and their retries. */
const POLLED_WITHIN_MS = 90_000;

/**
 * Has the probes, the log and the metrics say how each receiver does: its loop by itself, and its queue by itself. One that waits
 * for room is alive, and asks nothing of the queue.
 */
export function receiverReports({
  health,
  metrics,
  telling,
}: Pick<Runtime<QueueProcessorSettings>, 'health' | 'metrics' | 'telling'>): (number: number) => ReceiverReport {
  let waitingNow = 0;
  return (number) => {
    const loop = health.loop(`receiver ${number}`, { withinMs: ROUND_WITHIN_MS });
    const queue = health.dependency(`queue of receiver ${number}`, { withinMs: POLLED_WITHIN_MS });
    let isWaiting = false;
    return {
      turned() {
        loop.turned();
        if (isWaiting) queue.spared();
      },
      waiting(is) {
        isWaiting = is;
        waitingNow += is ? 1 : -1;
        metrics.setReceiversWaiting(waitingNow);
      },
      polled() {
        queue.succeeded();
        telling.monitors.succeeded('SQS_MONITOR');
      },
      failed(error) {
        queue.failed(error);
        telling.monitors.failed('SQS_MONITOR', error);
      },
    };
  };
}
