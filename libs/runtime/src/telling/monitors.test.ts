import { systemClock } from '@node-termination-handler/clock';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { createMonitors } from './monitors.ts';

function setUp(formatVersion: 1 | 2 = 1) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const log = createLogger({ format: 'json', formatVersion, destination });
  const metrics = createMetrics();
  const onPersistent = vi.fn();
  return { lines, metrics, onPersistent, monitors: createMonitors({ log, metrics, clock: systemClock }, onPersistent) };
}

describe('what watches for events', () => {
  it.each([
    [1, 'event_type'],
    [2, 'monitor_type'],
  ] as const)('is called in format version %i by the field %s', (version, field) => {
    const { lines, monitors } = setUp(version);
    monitors.started('SPOT_ITN_MONITOR');
    monitors.failed('SPOT_ITN_MONITOR', new Error('no route'));
    expect(lines).toMatchObject([
      { message: 'Started monitoring for events', [field]: 'SPOT_ITN_MONITOR' },
      { message: 'There was a problem monitoring for events', [field]: 'SPOT_ITN_MONITOR', error: 'no route' },
    ]);
  });

  it('has each failure counted, and is said to fail once until it works again', async () => {
    const { lines, metrics, monitors, onPersistent } = setUp();
    for (let failure = 0; failure < 5; failure += 1) monitors.failed('SQS_MONITOR', new Error('down'));
    expect(onPersistent.mock.calls).toEqual([['SQS_MONITOR']]);
    expect(lines).toHaveLength(1);
    const { body } = await metrics.scrape();
    expect(body).toMatch(/^events_error_total\{event_error_where="SQS_MONITOR"[^}]*\} 5$/m);
    monitors.succeeded('SQS_MONITOR');
    monitors.succeeded('SQS_MONITOR');
    expect(lines).toHaveLength(2);
    monitors.failed('SQS_MONITOR', new Error('down'));
    expect(onPersistent).toHaveBeenCalledTimes(1);
    expect(lines).toHaveLength(3);
    metrics[Symbol.dispose]();
  });
});
