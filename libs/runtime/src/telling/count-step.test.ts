import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { createMetrics } from '@node-termination-handler/metrics';
import { describe, expect, it } from 'vitest';
import { countStep } from './steps.ts';
import { after, drained, draining, every, failed, lifecycle, spot, START, step } from './testing/steps.ts';

describe('metrics', () => {
  it('count actions and failures, and measure from the notice', async () => {
    using metrics = createMetrics();
    for (const each of every) countStep(each, metrics);
    const { body } = await metrics.scrape();
    const value = (series: RegExp): number => Number(new RegExp(`${series.source} (\\S+)`, 'm').exec(body)?.[1]);
    expect(value(/^actions_total\{node_action="cordon-and-drain",node_status="success"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="cordon-and-drain",node_status="error"[^}]*\}/)).toBe(2);
    expect(value(/^actions_total\{node_action="cordon",node_status="success"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="post-drain",node_status="error"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="uncordon",node_status="error"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="pre-drain",node_status="error"[^}]*\}/)).toBe(2);
    // Of what watches for events, as it is in the Go handler, and no drain is that.
    expect(value(/^events_error_total\{event_error_where="SQS_MONITOR"[^}]*\}/)).toBe(0);
    expect(value(/^nth_notice_to_drained_seconds_sum\{kind="SPOT_ITN"\}/)).toBe(1);
    expect(value(/^nth_pods_total\{outcome="evicted"\}/)).toBe(1);
    expect(value(/^nth_pods_total\{outcome="lost"\}/)).toBe(1);
    for (const labels of [
      'outcome="drained",reason="emptied"',
      'outcome="failed",reason="budget"',
      'outcome="lost",reason="pods_untold"',
    ])
      expect(value(new RegExp(`^nth_drains_total\\{kind="SPOT_ITN",${labels}\\}`))).toBe(1);
    expect(body).not.toMatch(/node-1|spot-1|web-1/);
  });

  it('count a notice that came when its instance was to be gone, where it says when that is', async () => {
    using metrics = createMetrics();
    const acted = { type: 'received', decision: { action: 'drain', actAt: START, markBy: after(120) } } as const;
    const ignored = { type: 'received', decision: { action: 'ignore', reason: 'as set' } } as const;
    // Seen a second after the start: in time, too late, too late for what nothing is done about, and with no end of its own; then what
    // goes at once, and what another process had seen before.
    countStep(step(acted), metrics);
    countStep(step(acted, { event: spot('late', { inSeconds: 0 }) }), metrics);
    countStep(step(ignored, { event: spot('late', { inSeconds: 0 }) }), metrics);
    countStep(step(acted, { event: lifecycle('l-1') }), metrics);
    countStep(step(acted, { event: { ...spot('h', { inSeconds: 0 }), action: 'hibernate' } }), metrics);
    countStep(step({ ...acted, isFirst: false }, { event: spot('late', { inSeconds: 0 }) }), metrics);
    const { body } = await metrics.scrape();
    expect(body).toMatch(/^nth_notices_too_late_total\{kind="SPOT_ITN"\} 1$/m);
    expect(body).toMatch(/^nth_notices_too_late_total\{kind="ASG_LIFECYCLE"\} 0$/m);
  });

  it('count a drain once, whatever number of events asks for it, and what is told again not at all', async () => {
    using metrics = createMetrics();
    countStep(drained, metrics);
    countStep({ ...drained, isFirst: false } as InterruptionProgress, metrics);
    countStep({ ...drained, secondsLeft: -1 } as InterruptionProgress, metrics);
    countStep(drained, metrics, true);
    countStep({ ...failed, cause: 'node-gone' } as InterruptionProgress, metrics);
    const atRisk = { type: 'at-risk', pods: [], secondsShort: 1 } as const;
    countStep(draining(atRisk), metrics);
    countStep(draining(atRisk, true), metrics);
    const { body } = await metrics.scrape();
    expect(body).toMatch(/^nth_drains_total\{kind="SPOT_ITN",outcome="drained",reason="emptied"\} 1$/m);
    expect(body).toMatch(/^nth_drains_total\{kind="SPOT_ITN",outcome="late",reason="emptied"\} 1$/m);
    expect(body).not.toMatch(/^nth_drains_total\{.*outcome="failed".*\} [^0]/m);
    expect(body).toMatch(/^nth_drains_short_of_time_total 1$/m);
  });
});
