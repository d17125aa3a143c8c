import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { beforeEach, describe, expect, it } from 'vitest';
import { globalTimeoutSeconds, lifecycleHook, startLifecycleAction } from './lifecycle.ts';
import type { LifecycleAction } from './lifecycle.ts';

const hook = lifecycleHook({
  name: 'drain',
  group: 'workers',
  transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  heartbeatTimeoutSeconds: 60,
});

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock({ startMs: 0, turns: 1 });
});

function begin() {
  const ended: LifecycleAction[] = [];
  const way = { origin: 'AutoScalingGroup', destination: 'EC2' } as const;
  return { ended, action: startLifecycleAction(clock, hook, { instanceId: 'i-1', way }, (end) => ended.push(end)) };
}

describe('a lifecycle action', () => {
  it('takes the default result when its time runs out', async () => {
    const { ended, action } = begin();
    await clock.advance(59_999);
    expect(action.current().state).toBe('waiting');
    await clock.advance(1);
    expect(ended).toMatchObject([{ state: 'timed-out', result: 'ABANDON', endedAt: 60_000 }]);
  });

  it('waits on as long as heartbeats come', async () => {
    const { action } = begin();
    await clock.advance(50_000);
    action.heartbeat();
    await clock.advance(50_000);
    expect(action.current()).toMatchObject({ state: 'waiting', deadlineAt: 110_000 });
    expect(action.current().history.map(({ what }) => what)).toEqual(['started', 'heartbeat']);
  });

  it('does not wait longer than the global timeout', async () => {
    const { ended, action } = begin();
    for (let n = 0; n < 130; n += 1) {
      await clock.advance(50_000);
      action.heartbeat();
    }
    expect(ended).toMatchObject([{ state: 'timed-out', endedAt: 6_000_000 }]);
  });

  it('ends once, with the first completion', async () => {
    const { ended, action } = begin();
    action.complete('CONTINUE');
    action.complete('ABANDON');
    action.heartbeat();
    await clock.advance(60_000);
    expect(ended).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]);
  });

  it('stops its clock when the sandbox closes', async () => {
    const { ended, action } = begin();
    action.dispose();
    await clock.advance(120_000);
    expect(ended).toEqual([]);
  });
});

describe('the global timeout', () => {
  it('is a hundred heartbeats, and 48 hours at most', () => {
    expect(globalTimeoutSeconds(hook)).toBe(6000);
    expect(globalTimeoutSeconds({ ...hook, heartbeatTimeoutSeconds: 7200 })).toBe(172_800);
  });
});
