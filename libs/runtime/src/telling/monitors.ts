import type { Logger } from '@node-termination-handler/logger';
import type { Metrics } from '@node-termination-handler/metrics';

/** Names what watches for events, as the Go handler does. */
export type MonitorName = Parameters<Metrics['countEventError']>[0];

/** Tells how well what watches for events does. */
export interface Monitors {
  started(monitor: MonitorName): void;
  succeeded(monitor: MonitorName): void;
  failed(monitor: MonitorName, error: unknown): void;
}

/** What telling about monitors needs. */
export interface MonitorParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** A monitor has failed again and again; called once until it succeeds. */
  readonly onPersistent: (monitor: MonitorName) => void;
}

/** A single failure is no news for people: the next try as a rule succeeds. */
const FAILURES_UNTIL_PERSISTENT = 3;

/** Makes what counts each failure, and says it loudly once until the monitor works again. */
export function createMonitors({ log, metrics, onPersistent }: MonitorParts): Monitors {
  const failures = new Map<MonitorName, number>();
  return {
    started: (monitor) => log.info({ monitor_type: monitor }, 'Started monitoring for events'),
    succeeded(monitor) {
      if (failures.delete(monitor)) log.info({ monitor_type: monitor }, 'monitoring for events works again');
    },
    failed(monitor, error) {
      const count = (failures.get(monitor) ?? 0) + 1;
      failures.set(monitor, count);
      metrics.countEventError(monitor);
      log[count === 1 ? 'warn' : 'debug'](
        { monitor_type: monitor, err: error },
        'There was a problem monitoring for events',
      );
      if (count === FAILURES_UNTIL_PERSISTENT) onPersistent(monitor);
    },
  };
}
