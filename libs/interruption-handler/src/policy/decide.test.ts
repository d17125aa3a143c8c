import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, lifecycle, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { isNodeInterruption, KINDS } from '../kinds.ts';
import { decide, DEFAULT_POLICY } from './decide.ts';
import type { Policy } from './decide.ts';

const decideWith = (event: Parameters<typeof decide>[0], policy: Partial<Policy> = {}, now = START) =>
  decide(event, { ...DEFAULT_POLICY, ...policy }, now);

describe('decide', () => {
  it('drains at once for what takes the instance away', () => {
    expect(decideWith(spot('s'))).toEqual({ action: 'drain', actAt: START, markBy: after(120) });
    expect(decideWith(lifecycle('l'))).toEqual({ action: 'drain', actAt: START, markBy: after(120) });
  });

  it('takes the setting when the end has passed already', () => {
    expect(decideWith(spot('s', { inSeconds: -5 }))).toMatchObject({ markBy: after(120) });
  });

  it('treats a rebalance recommendation as it is told', () => {
    expect(decideWith(rebalance('r'))).toMatchObject({ action: 'cordon' });
    expect(decideWith(rebalance('r'), { rebalanceAction: 'drain' })).toMatchObject({ action: 'drain' });
    expect(decideWith(rebalance('r'), { rebalanceAction: 'drain', cordonOnly: true })).toMatchObject({
      action: 'cordon',
    });
    expect(decideWith(rebalance('r'), { rebalanceAction: 'none' })).toMatchObject({ action: 'ignore' });
    expect(decideWith(rebalance('r'), { rebalanceAction: 'notify', cordonOnly: true })).toMatchObject({
      action: 'notify',
    });
    expect(decideWith(spot('s'), { rebalanceAction: 'notify' })).toMatchObject({ action: 'drain' });
  });

  it('acts on a scheduled event at once, or its lead time before the start', () => {
    expect(decideWith(scheduled('e'))).toMatchObject({ actAt: START, markBy: after(120) });
    expect(decideWith(scheduled('e'), { scheduledEventLeadTimeMs: 90_000 })).toMatchObject({
      actAt: after(3510),
      markBy: after(3600),
    });
    expect(decideWith(scheduled('e'), { scheduledEventLeadTimeMs: 9_000_000 })).toMatchObject({ actAt: START });
  });

  it.each(['completed', 'canceled', 'closed'] as const)('releases the node when a scheduled event is %s', (state) => {
    expect(decideWith(scheduled('e', { state }))).toMatchObject({ action: 'release' });
  });

  it('never gives up before the act or later than the setting allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000, max: 100_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 0, max: 1e8 }),
        (inSeconds, grace, lead) => {
          for (const event of [spot('s', { inSeconds }), scheduled('e', { inSeconds })]) {
            const decision = decideWith(event, {
              nodeTerminationGracePeriodSeconds: grace,
              scheduledEventLeadTimeMs: lead,
            });
            if (decision.action !== 'drain') throw new Error('expected a drain');
            expect(decision.actAt >= START).toBe(true);
            expect(decision.markBy > decision.actAt).toBe(true);
            expect(decision.markBy.getTime() - decision.actAt.getTime()).toBeLessThanOrEqual(grace * 1000);
          }
        },
      ),
    );
  });
});

describe('each kind of event', () => {
  const startTime = after(90);
  const base = { ...spot('s'), startTime };
  const reservation = { ...base, kind: 'CAPACITY_RESERVATION_ITN' } as const;
  const stopping = { ...base, kind: 'STATE_CHANGE', state: 'stopping' } as const;

  it.each([
    [base, 'drain', 0, 90, 'at-start', 'urgent', 'SpotInterruption'],
    [reservation, 'drain', 0, 90, 'at-start', 'urgent', 'CapacityReservationInterruption'],
    [scheduled('e', { inSeconds: 90 }), 'drain', 30, 90, 'at-start', 'patient', 'ScheduledEvent'],
    [{ ...rebalance('r'), startTime }, 'cordon', 0, 120, 'unknown', 'patient', 'RebalanceRecommendation'],
    [stopping, 'drain', 0, 120, 'unknown', 'urgent', 'StateChange'],
    [{ ...lifecycle('l'), startTime }, 'drain', 0, 120, 'unknown', 'patient', 'ASGLifecycle'],
  ] as const)('is acted on by its rules: $kind', (event, action, actIn, markIn, end, haste, eventReason) => {
    const decision = decideWith(event, { scheduledEventLeadTimeMs: 60_000 });
    expect(decision).toEqual({ action, actAt: after(actIn), markBy: after(markIn) });
    expect(KINDS[event.kind]).toMatchObject({ end, isUrgent: haste === 'urgent', eventReason });
  });
});

describe('an event', () => {
  it('takes a node out of service unless it tells that an instance comes or runs', () => {
    const running: InterruptionEvent = { ...rebalance('i'), kind: 'INSTANCE_RUNNING', state: 'running' };
    const launch: InterruptionEvent = { ...lifecycle('l'), kind: 'ASG_LAUNCH_LIFECYCLE' };
    const events = [spot('s'), scheduled('e'), lifecycle('l'), rebalance('r'), running, launch];
    expect(events.map(isNodeInterruption)).toEqual([true, true, true, true, false, false]);
  });
});

describe('the taint of a kind', () => {
  it('tells the reason', () => {
    expect([spot('s'), scheduled('e'), lifecycle('l'), rebalance('r')].map(({ kind }) => KINDS[kind].taintKey)).toEqual(
      [
        'aws-node-termination-handler/spot-itn',
        'aws-node-termination-handler/scheduled-maintenance',
        'aws-node-termination-handler/asg-lifecycle-termination',
        'aws-node-termination-handler/rebalance-recommendation',
      ],
    );
  });
});
