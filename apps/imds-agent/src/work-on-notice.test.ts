import { CorrectedClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { HandlingResult, NodeInterruption } from '@node-termination-handler/interruption-handler';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { workOnNotice } from './work-on-notice.ts';
import type { NoticeWork } from './work-on-notice.ts';

const at = new Date('2026-01-02T03:04:05Z');
const base = {
  monitor: 'SPOT_ITN_MONITOR',
  description: '',
  instanceId: instanceId('i-1'),
  noticedAt: at,
  startTime: at,
} as const;
const spot: NodeInterruption = { ...base, kind: 'SPOT_ITN', id: eventId('spot-1'), action: 'terminate' };
const done: HandlingResult = { status: 'done', action: 'drain', nodeName: 'node-1' };
const failed: HandlingResult = { status: 'failed', reason: 'down' };

const metrics = createMetrics();
afterAll(() => {
  metrics[Symbol.dispose]();
});

function setUp(results: readonly HandlingResult[], own: Partial<NoticeWork> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1' } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const clock = new VirtualClock();
  const stop = new AbortController();
  const left = [...results];
  const handle = vi.fn(() => Promise.resolve(left.shift() ?? done));
  const work: NoticeWork = {
    handler: { handle },
    instance: { instanceId: 'i-1', region: 'eu-west-1' },
    notices: { has: () => true },
    inService: { wasBefore: () => Promise.reject(new Error('nothing about a warm pool was told')) },
    tell: vi.fn(),
    runtime: {
      awsClock: new CorrectedClock(clock),
      clock,
      log: createLogger({ destination: { write: () => undefined } }),
      metrics,
      settings: parsed.settings,
      stop: stop.signal,
    },
    ...own,
  };
  return { clock, stop, handle, work };
}

describe('the work on a notice', () => {
  it('is tried again every two seconds until it is done', async () => {
    const { clock, handle, work } = setUp([failed, { status: 'node-not-found' }, done, failed]);
    await clock.run(workOnNotice(spot, work));
    expect([handle.mock.calls.length, clock.monotonic()]).toEqual([3, 4_000]);
    expect(handle).toHaveBeenCalledWith(spot, { target: { name: 'node-1', instanceId: 'i-1' } });
  });

  it.each([
    { status: 'carried', nodeName: 'node-1' },
    { status: 'ignored', reason: '' },
    { status: 'cancelled', reason: '' },
    { status: 'handed-back' },
  ] as const)('is over when the notice is $status', async (result) => {
    const { clock, handle, work } = setUp([result]);
    await clock.run(workOnNotice(spot, work));
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('ends when the notice is taken back, and when the program stops, and leaves no timer', async () => {
    const gone = setUp([failed, failed], { notices: { has: () => gone.handle.mock.calls.length < 2 } });
    await gone.clock.run(workOnNotice(spot, gone.work));
    expect(gone.handle).toHaveBeenCalledTimes(2);
    const { clock, stop, handle, work } = setUp([failed, failed]);
    const working = workOnNotice(spot, work);
    await clock.advance(1_000);
    stop.abort();
    await working;
    expect([handle.mock.calls.length, clock.timers]).toEqual([1, 0]);
  });

  it('does nothing for an instance that was launched into the warm pool, and drains one that was in service (W4)', async () => {
    const pool: NodeInterruption = { ...base, kind: 'ASG_LIFECYCLE', id: eventId('t-1'), state: 'Warmed:Stopped' };
    for (const [wasInService, calls] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const { clock, handle, work } = setUp([done], { inService: { wasBefore: () => Promise.resolve(wasInService) } });
      await clock.run(workOnNotice(pool, work));
      expect(handle).toHaveBeenCalledTimes(calls);
    }
  });

  it('asks again while it cannot be read whether the instance was in service', async () => {
    const pool: NodeInterruption = { ...base, kind: 'ASG_LIFECYCLE', id: eventId('t-1'), state: 'Warmed:Running' };
    const wasBefore = vi.fn(() =>
      wasBefore.mock.calls.length < 3 ? Promise.reject(new Error('down')) : Promise.resolve(true),
    );
    const { clock, handle, work } = setUp([done], { inService: { wasBefore } });
    await clock.run(workOnNotice(pool, work));
    expect([wasBefore.mock.calls.length, handle.mock.calls.length, clock.monotonic()]).toEqual([3, 1, 4_000]);
  });

  it('on a target state completes its hooks only where the settings say so, and never in a dry run', async () => {
    const target: NodeInterruption = { ...base, kind: 'ASG_LIFECYCLE', id: eventId('t-1') };
    for (const [env, completes] of [
      [{}, false],
      [{ COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true' }, true],
      [{ COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true', DRY_RUN: 'true' }, false],
    ] as const) {
      const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
      if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
      const { clock, handle, work } = setUp([done]);
      await clock.run(workOnNotice(target, { ...work, runtime: { ...work.runtime, settings: parsed.settings } }));
      const [, about] = handle.mock.lastCall as unknown as [unknown, object];
      expect('complete' in about).toBe(completes);
    }
  });
});
