import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { StateChange } from '@node-termination-handler/event-parsers';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from './describe.ts';
import { checkStateChange, judgeStateChange } from './state-change.ts';

const region = 'eu-west-1';
const start = new VirtualClock().now();

function notice(secondsAgo: number, state: StateChange['state'] = 'stopping'): StateChange {
  const noticedAt = new Date(start - secondsAgo * 1000);
  return {
    kind: 'STATE_CHANGE',
    id: eventId('e-1'),
    monitor: 'SQS_MONITOR',
    description: '',
    instanceId: instanceId('i-1'),
    noticedAt,
    startTime: noticedAt,
    state,
  };
}

const says = (state: string): Ec2Answer => ({
  status: 'described',
  instance: { id: 'i-1', state } as DescribedInstance,
});

function check(event: StateChange, ...answers: readonly Ec2Answer[]) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const ask = vi.fn(() => {
    calls.push('ask');
    return Promise.resolve(answers[Math.min(ask.mock.calls.length, answers.length) - 1] ?? says('running'));
  });
  const instances = { ask, forget: () => void calls.push('forget') };
  const stop = new AbortController();
  const checked = checkStateChange(event, { instances, region, clock, signal: stop.signal });
  return { clock, calls, ask, stop, checked, run: () => clock.run(checked) };
}

describe('a state change', () => {
  it.each([-400, 0, 59])('that is %s s old is acted on at once, and EC2 is not asked', async (age) => {
    const { run, ask } = check(notice(age));
    expect(await run()).toEqual({ status: 'act' });
    expect(ask).not.toHaveBeenCalled();
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated'])(
    'that is a minute old is acted on when EC2 says %s now, whatever it knew before',
    async (state) => {
      const { run, calls } = check(notice(60), says(state));
      expect(await run()).toEqual({ status: 'act' });
      expect(calls).toEqual(['forget', 'ask']);
    },
  );

  it('is acted on when EC2 comes to agree within half a minute', async () => {
    const { run, ask } = check(notice(600), says('running'), says('running'), says('stopped'));
    expect(await run()).toEqual({ status: 'act' });
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it.each(['running', 'pending'])('is history when EC2 keeps saying %s', async (state) => {
    const { run, clock, ask } = check(notice(600), says(state));
    expect(await run()).toEqual({
      status: 'history',
      reason: expect.stringContaining(`EC2 says that it is ${state}`) as string,
    });
    expect([ask.mock.calls.length, clock.now() - start]).toEqual([6, 30_000]);
  });

  it.each<Ec2Answer>([{ status: 'unknown-id' }, { status: 'no-answer', error: new Error('throttled') }])(
    'is acted on with a warning when EC2 cannot say: %j',
    async (answer) => {
      const { run, ask } = check(notice(600), answer);
      expect(await run()).toEqual({ status: 'act', warning: expect.stringContaining('EC2 in eu-west-1') as string });
      expect(ask).toHaveBeenCalledTimes(1);
    },
  );

  it('is left to another process when this one stops', async () => {
    const { clock, checked, stop } = check(notice(600));
    const settled = expect(checked).rejects.toThrow('stop');
    stop.abort(new Error('stop'));
    await clock.run(settled);
    expect(clock.timers).toBe(0);
  });

  it('is never acted on against what EC2 says', () => {
    const now = new Date(start);
    for (const state of ['stopping', 'stopped', 'shutting-down', 'terminated'] as const)
      for (const ec2 of ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'])
        expect(judgeStateChange(notice(61, state), { now, ec2: says(ec2), region }).status).toBe(
          ec2 === 'pending' || ec2 === 'running' ? 'ask' : 'act',
        );
  });
});
