import type { Metrics } from '@node-termination-handler/metrics';
import { createLastingFailure } from './lasting-failure.ts';
import type { LastingFailure } from './lasting-failure.ts';
import type { TellingParts } from './telling.ts';

/** Names what watches for events, as the Go handler does. */
export type MonitorName = Parameters<Metrics['countEventError']>[0];

/** Tells how well what watches for events does. */
export interface Monitors {
  started(monitor: MonitorName): void;
  succeeded(monitor: MonitorName): void;
  failed(monitor: MonitorName, error: unknown): void;
}

const QUEUE_ADVICE =
  'the error names what is refused: QUEUE_URL, sqs:ReceiveMessage in the role, AWS_REGION, or the way to SQS (docs/networks.md)';
const METADATA_ADVICE =
  'the way from the pod to the instance metadata: its hop limit (2, or useHostNetwork), a proxy in between, INSTANCE_METADATA_URL';

/** A single failure is no news for people: the next try as a rule succeeds. */
const FAILURES_UNTIL_PERSISTENT = 3;

/**
 * Makes what counts each failure, and says it loudly once until the monitor works again.
 *
 * @param onPersistent - A monitor has failed again and again; called once until it succeeds.
 */
export function createMonitors(
  { log, metrics, clock }: Pick<TellingParts, 'log' | 'metrics' | 'clock'>,
  onPersistent: (monitor: MonitorName) => void,
): Monitors {
  const entries = new Map<MonitorName, { readonly failure: LastingFailure; count: number }>();
  const entryOf = (monitor: MonitorName) => {
    const known = entries.get(monitor);
    if (known !== undefined) return known;
    const failing = 'There was a problem monitoring for events';
    const over = 'monitoring for events works again';
    const advice = monitor === 'SQS_MONITOR' ? QUEUE_ADVICE : METADATA_ADVICE;
    const fields = { monitor_type: monitor };
    const entry = { failure: createLastingFailure({ log, clock, failing, over, advice, fields }), count: 0 };
    entries.set(monitor, entry);
    return entry;
  };
  return {
    started: (monitor) => log.info({ monitor_type: monitor }, 'Started monitoring for events'),
    succeeded(monitor) {
      const entry = entryOf(monitor);
      entry.count = 0;
      entry.failure.succeeded();
    },
    failed(monitor, error) {
      const entry = entryOf(monitor);
      entry.count += 1;
      metrics.countEventError(monitor);
      entry.failure.failed(error);
      if (entry.count === FAILURES_UNTIL_PERSISTENT) onPersistent(monitor);
    },
  };
}
