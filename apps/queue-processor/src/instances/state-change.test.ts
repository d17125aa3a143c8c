import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { InstanceRunning, StateChange } from '@node-termination-handler/event-parsers';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from './describe.ts';
import { checkRunning, checkStateChange, hasReturned, judgeStateChange } from './state-change.ts';

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

const launchTime = new Date(start - 30_000);
const runs: Ec2Answer = {
  status: 'described',
  instance: { id: 'i-1', state: 'running', launchTime } as DescribedInstance,
};

/** EC2 that answers one thing after the other, and the last one for ever. */
function ec2(...answers: readonly Ec2Answer[]) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const ask = vi.fn(() => {
    calls.push('ask');
    return Promise.resolve(answers[Math.min(ask.mock.calls.length, answers.length) - 1] ?? says('running'));
  });
  const instances = { ask, forget: () => void calls.push('forget') };
  const stop = new AbortController();
  return { clock, calls, ask, stop, sources: { instances, region, clock, signal: stop.signal } };
}

function check(event: StateChange, ...answers: readonly Ec2Answer[]) {
  const { sources, ...world } = ec2(...answers);
  const checked = checkStateChange(event, sources);
  return { ...world, checked, run: () => world.clock.run(checked) };
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

describe('an instance that is said to run', () => {
  const event: InstanceRunning = { ...notice(0), kind: 'INSTANCE_RUNNING', state: 'running' };

  it('is back since the start that EC2 tells, whatever EC2 said before', async () => {
    const { clock, calls, sources } = ec2(runs);
    expect(await clock.run(checkRunning(event, sources))).toEqual({ status: 'returned', launchedAt: launchTime });
    expect(calls).toEqual(['forget', 'ask']);
  });

  it('is asked about until EC2 says so, too, for half a minute', async () => {
    const late = ec2(says('stopped'), says('pending'), runs);
    expect(await late.clock.run(checkRunning(event, late.sources))).toMatchObject({ status: 'returned' });
    for (const state of ['stopped', 'stopping', 'terminated', 'pending', 'running']) {
      const gone = ec2(says(state));
      expect(await gone.clock.run(checkRunning(event, gone.sources)), state).toMatchObject({ status: 'history' });
      expect(gone.clock.now() - start).toBe(30_000);
    }
  });

  it.each<Ec2Answer>([{ status: 'unknown-id' }, { status: 'no-answer', error: new Error('throttled') }])(
    'is not believed when EC2 cannot say: %j',
    async (answer) => {
      const { clock, sources, ask } = ec2(answer);
      const reason = expect.stringContaining('EC2 in eu-west-1') as string;
      expect(await clock.run(checkRunning(event, sources))).toEqual({ status: 'unknown', reason });
      expect(ask).toHaveBeenCalledTimes(1);
    },
  );
});

describe('an instance of which a notice told', () => {
  it.each<readonly [string, Ec2Answer, number, boolean]>([
    ['runs, launched a second after it or later', runs, 31, true],
    ['runs, launched in the same second', runs, 30.5, false],
    ['runs, launched before', runs, 20, false],
    ['does not run', says('stopped'), 300, false],
    ['runs since nobody says when', says('running'), 300, false],
    ['is not known to EC2', { status: 'unknown-id' }, 300, false],
  ])('has returned where EC2 says now that it does: %s', async (_what, answer, secondsAgo, isBack) => {
    const { calls, sources } = ec2(answer);
    expect(await hasReturned(notice(secondsAgo), sources)).toBe(isBack);
    expect(calls).toEqual(['forget', 'ask']);
  });
});
