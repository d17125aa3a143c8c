import { LifecycleState as documentedStates } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAutoScalingGroups } from './groups.ts';
import type { AutoScalingGroups } from './groups.ts';
import type { LifecycleAction } from './lifecycle.ts';
import { moves } from './moves.ts';
import type { Move, PoolState, PowerAction } from './moves.ts';

const id = 'i-00000000000000001';
const group = 'workers';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';
const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';

let clock: VirtualClock;
let groups: AutoScalingGroups;
let power: PowerAction[];
let told: LifecycleAction[];
let targets: string[];
let asked: number;

beforeEach(() => {
  clock = new VirtualClock({ startMs: 0, turns: 1 });
  [power, told, targets, asked] = [[], [], [], 0];
  groups = createAutoScalingGroups({
    clock,
    power: (_id, action) => void power.push(action),
    onWait: (action) => void told.push(action),
  });
  groups.onChange(({ target }) => {
    if (target !== targets.at(-1)) targets.push(target);
  });
  groups.putGroup({ name: group, sendsEvents: true });
  return () => groups[Symbol.dispose]();
});

const hooks = (...names: readonly ('launch' | 'terminate' | 'logs')[]): void => {
  for (const name of names)
    groups.putHook({
      ...{ name, group, heartbeatTimeoutSeconds: 60, defaultResult: 'ABANDON' },
      transition: name === 'launch' ? launching : terminating,
    });
};
const pool = (state: PoolState, reusesOnScaleIn = true): void =>
  void groups.putGroup({ name: group, pool: { state, reusesOnScaleIn } });
const complete = (hook: string, result: 'CONTINUE' | 'ABANDON' = 'CONTINUE'): void =>
  groups.findWaiting({ group, hook, instanceId: id, token: undefined })!.complete(result);
const inService = (): void => groups.attach(id, group);
/** The states that it has passed since the last time that this was asked. */
const path = (): readonly string[] => {
  const states = groups.passed(id).slice(asked);
  asked += states.length;
  return states.map(({ state }) => state);
};

describe('a launch', () => {
  it('goes from Pending into service where no hook holds it', () => {
    expect(groups.scaleOut(id, { group })).toEqual([]);
    expect([path(), power, targets]).toEqual([['Pending', 'InService'], ['start'], ['InService']]);
  });

  it('waits in Pending:Wait for its hooks, and tells of each with a token of its own', () => {
    hooks('launch');
    const [action] = groups.scaleOut(id, { group });
    expect(path()).toEqual(['Pending', 'Pending:Wait']);
    expect(told).toEqual([action]);
    expect(action?.way).toEqual({ origin: 'EC2', destination: 'AutoScalingGroup' });
    complete('launch');
    expect(path()).toEqual(['Pending:Proceed', 'InService']);
  });

  it('that is abandoned ends the instance, without hooks', () => {
    hooks('launch', 'terminate');
    groups.scaleOut(id, { group });
    complete('launch', 'ABANDON');
    expect(path()).toEqual(['Pending', 'Pending:Wait', 'Pending:Proceed', 'Terminating', 'Terminated']);
    expect([power, targets, groups.instance(id)]).toEqual([
      ['start', 'terminate'],
      ['InService', 'Terminated'],
      undefined,
    ]);
  });
});

describe('a termination', () => {
  it('goes from Terminating to its end where no hook holds it', () => {
    inService();
    expect(groups.scaleIn(id)).toEqual([]);
    expect(path()).toEqual(['InService', 'Terminating', 'Terminated']);
    expect([power, targets, groups.instance(id)]).toEqual([['terminate'], ['InService', 'Terminated'], undefined]);
  });

  it('waits in Terminating:Wait, its metadata saying where it goes', () => {
    hooks('terminate');
    inService();
    const [action] = groups.scaleIn(id);
    expect(groups.instance(id)).toMatchObject({ lifecycleState: 'Terminating:Wait', target: 'Terminated' });
    expect(action?.way).toEqual({ origin: 'AutoScalingGroup', destination: 'EC2' });
    expect(power).toEqual([]);
    complete('terminate');
    expect(path()).toEqual(['InService', 'Terminating', 'Terminating:Wait', 'Terminating:Proceed', 'Terminated']);
    expect(power).toEqual(['terminate']);
  });

  it('waits for all of its hooks, which run side by side', () => {
    hooks('terminate', 'logs');
    inService();
    const tokens = groups.scaleIn(id).map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
    complete('logs');
    expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Wait');
    complete('terminate');
    expect(groups.instance(id)).toBeUndefined();
  });

  it('that is abandoned by one hook ends the others at once, and ends all the same', async () => {
    hooks('terminate', 'logs');
    inService();
    groups.scaleIn(id);
    complete('logs', 'ABANDON');
    expect(groups.actions()).toMatchObject([
      { hook: { name: 'terminate' }, state: 'cancelled', result: undefined },
      { hook: { name: 'logs' }, state: 'completed', result: 'ABANDON' },
    ]);
    expect(groups.findWaiting({ group, hook: 'terminate', instanceId: id, token: undefined })).toBeUndefined();
    await clock.advance(600_000);
    expect(path().filter((state) => state === 'Terminated')).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it.each(['CONTINUE', 'ABANDON'] as const)(
    'takes the default result %s when nobody answers',
    async (defaultResult) => {
      groups.putHook({ name: 'terminate', group, transition: terminating, heartbeatTimeoutSeconds: 60, defaultResult });
      inService();
      groups.scaleIn(id);
      await clock.advance(59_999);
      expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Wait');
      await clock.advance(1);
      expect(groups.actions()).toMatchObject([{ state: 'timed-out', result: defaultResult }]);
      expect(groups.instance(id)).toBeUndefined();
    },
  );

  it('waits for the rest when a hook runs out whose default result is CONTINUE', async () => {
    hooks('terminate');
    groups.putHook({
      ...{ name: 'logs', group, transition: terminating },
      ...{ heartbeatTimeoutSeconds: 30, defaultResult: 'CONTINUE' },
    });
    inService();
    groups.scaleIn(id);
    await clock.advance(30_000);
    expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Wait');
    complete('terminate');
    expect(groups.instance(id)).toBeUndefined();
  });
});

describe('a group that retains', () => {
  beforeEach(() => {
    groups.putGroup({ name: group, retains: true });
    hooks('terminate', 'logs');
  });

  it('keeps an instance whose termination was abandoned, by word or by time, and lets go one that went on', async () => {
    inService();
    groups.scaleIn(id);
    complete('terminate', 'ABANDON');
    expect(path().slice(1)).toEqual(['Terminating', 'Terminating:Wait', 'Terminating:Proceed', 'Terminating:Retained']);
    expect(power).toEqual([]);
    inService();
    groups.scaleIn(id);
    await clock.advance(60_000);
    expect(groups.instance(id)).toMatchObject({ lifecycleState: 'Terminating:Retained', target: 'Terminated' });
    inService();
    groups.scaleIn(id);
    complete('terminate');
    complete('logs');
    expect(groups.instance(id)).toBeUndefined();
  });

  it('ends a retained one by a new termination, with hooks and tokens of its own, which may retain it again', () => {
    inService();
    const [first] = groups.scaleIn(id);
    complete('terminate', 'ABANDON');
    const [second] = groups.terminate(id);
    expect(second?.token).not.toBe(first?.token);
    expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Wait');
    complete('terminate', 'ABANDON');
    expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Retained');
    groups.putGroup({ name: group, retains: false });
    groups.terminate(id);
    complete('terminate', 'ABANDON');
    expect(groups.instance(id)).toBeUndefined();
  });

  it('keeps an instance on its way into the pool, and one that is ended there', () => {
    pool('Stopped');
    inService();
    groups.scaleIn(id);
    complete('logs', 'ABANDON');
    expect(groups.instance(id)?.lifecycleState).toBe('Warmed:Pending:Retained');
    groups.terminate(id);
    expect(groups.instance(id)?.lifecycleState).toBe('Warmed:Terminating:Wait');
    complete('logs', 'ABANDON');
    expect(groups.instance(id)?.lifecycleState).toBe('Warmed:Terminating:Retained');
    expect(power).toEqual([]);
  });
});

describe('a warm pool', () => {
  it.each([
    ['Stopped', 'stop'],
    ['Hibernated', 'hibernate'],
    ['Running', undefined],
  ] as const)('is entered at launch through Warmed:Pending and rests as %s', (state, rest) => {
    pool(state);
    hooks('launch');
    const [action] = groups.warm(id, group);
    expect(action).toMatchObject({
      hook: { transition: launching },
      way: { origin: 'EC2', destination: 'WarmPool' },
    });
    expect(path()).toEqual(['Warmed:Pending', 'Warmed:Pending:Wait']);
    expect(groups.instance(id)?.target).toBe(`Warmed:${state}`);
    complete('launch');
    expect(path()).toEqual(['Warmed:Pending:Proceed', `Warmed:${state}`]);
    expect(power).toEqual(['start', ...(rest === undefined ? [] : [rest])]);
  });

  it('gives up an instance whose launch into it is abandoned', () => {
    pool('Stopped');
    hooks('launch');
    groups.warm(id, group);
    complete('launch', 'ABANDON');
    expect(path().slice(-2)).toEqual(['Warmed:Terminating', 'Warmed:Terminated']);
    expect(groups.instance(id)).toBeUndefined();
  });

  it('is left through Pending: the instance is started first, then its launch hooks hold it once more', () => {
    pool('Stopped');
    hooks('launch');
    groups.warm(id, group);
    complete('launch');
    path();
    power.length = 0;
    const [action] = groups.scaleOut(id);
    expect(action?.way).toEqual({ origin: 'WarmPool', destination: 'AutoScalingGroup' });
    expect([path(), power]).toEqual([['Pending', 'Pending:Wait'], ['start']]);
    complete('launch');
    expect(path()).toEqual(['Pending:Proceed', 'InService']);
    expect(targets).toEqual(['Warmed:Stopped', 'InService']);
  });

  it('takes an instance back on scale-in, held at Warmed:Pending:Wait by the termination hooks', () => {
    pool('Stopped');
    hooks('terminate');
    inService();
    const [action] = groups.scaleIn(id);
    expect(action).toMatchObject({
      hook: { transition: terminating },
      way: { origin: 'AutoScalingGroup', destination: 'WarmPool' },
    });
    expect(path()).toEqual(['InService', 'Warmed:Pending', 'Warmed:Pending:Wait']);
    expect(targets.at(-1)).toBe('Warmed:Stopped');
    complete('terminate');
    expect(path()).toEqual(['Warmed:Pending:Proceed', 'Warmed:Stopped']);
    expect(power).toEqual(['stop']);
  });

  it('takes it back though its hook was abandoned, where the group retains nothing', () => {
    pool('Stopped');
    hooks('terminate');
    inService();
    groups.scaleIn(id);
    complete('terminate', 'ABANDON');
    expect(groups.instance(id)?.lifecycleState).toBe('Warmed:Stopped');
  });

  it('takes none back without a reuse policy', () => {
    pool('Stopped', false);
    inService();
    groups.scaleIn(id);
    expect(path()).toEqual(['InService', 'Terminating', 'Terminated']);
  });

  it('does not keep an instance that is terminated out of the group', () => {
    pool('Stopped');
    inService();
    groups.terminate(id);
    expect(path()).toEqual(['InService', 'Terminating', 'Terminated']);
  });

  it('ends its instances through Warmed:Terminating', () => {
    pool('Stopped');
    hooks('terminate');
    groups.warm(id, group);
    path();
    const [action] = groups.scaleIn(id);
    expect(action?.way).toEqual({ origin: 'WarmPool', destination: 'EC2' });
    expect(targets.at(-1)).toBe('Warmed:Terminated');
    complete('terminate');
    expect(path()).toEqual([
      'Warmed:Terminating',
      'Warmed:Terminating:Wait',
      'Warmed:Terminating:Proceed',
      'Warmed:Terminated',
    ]);
    expect([power.at(-1), groups.instance(id)]).toEqual(['terminate', undefined]);
  });

  it('must be there to be launched into', () => {
    expect(() => groups.warm(id, group)).toThrow('workers has no warm pool');
  });
});

describe('the replacement of a root volume', () => {
  beforeEach(() => inService());

  it('passes its four states and comes back through Pending, where no hook holds it', () => {
    groups.replaceRootVolume(id);
    expect(path()).toEqual(['InService', 'ReplacingRootVolume', 'RootVolumeReplaced', 'Pending', 'InService']);
    expect([power, targets]).toEqual([['replace-root-volume'], ['InService']]);
  });

  it('is held before it by the termination hooks and after it by the launch hooks, and says so by its action', () => {
    hooks('terminate', 'launch');
    const [before] = groups.replaceRootVolume(id);
    const way = { origin: 'AutoScalingGroup', destination: 'AutoScalingGroup', action: 'ReplaceRootVolume' };
    expect(before).toMatchObject({ hook: { name: 'terminate' }, way });
    expect(path()).toEqual(['InService', 'ReplacingRootVolume', 'ReplacingRootVolume:Wait']);
    expect(power).toEqual([]);
    complete('terminate');
    expect(path()).toEqual(['ReplacingRootVolume:Proceed', 'RootVolumeReplaced', 'Pending', 'Pending:Wait']);
    expect(told).toMatchObject([{ token: before?.token }, { hook: { name: 'launch' }, way }]);
    complete('launch');
    expect(path()).toEqual(['Pending:Proceed', 'InService']);
  });

  it('that is abandoned before it ends the instance through its termination, hooks and all', () => {
    hooks('terminate');
    groups.replaceRootVolume(id);
    complete('terminate', 'ABANDON');
    expect(groups.instance(id)?.lifecycleState).toBe('Terminating:Wait');
    expect(told.at(-1)?.way).toEqual({ origin: 'AutoScalingGroup', destination: 'EC2' });
    complete('terminate');
    expect([power, groups.instance(id)]).toEqual([['terminate'], undefined]);
  });

  it('that is abandoned after it ends the instance', () => {
    hooks('launch');
    groups.replaceRootVolume(id);
    complete('launch', 'ABANDON');
    expect(path().slice(-2)).toEqual(['Terminating', 'Terminated']);
  });
});

describe('standby and detaching', () => {
  it('go their ways without hooks', () => {
    hooks('launch', 'terminate');
    inService();
    groups.enterStandby(id);
    expect(groups.instance(id)?.target).toBe('Standby');
    groups.leaveStandby(id);
    groups.detach(id);
    expect(path()).toEqual([
      'InService',
      'EnteringStandby',
      'Standby',
      'Pending',
      'InService',
      'Detaching',
      'Detached',
    ]);
    expect([targets.at(-1), groups.instance(id), power]).toEqual(['Detached', undefined, []]);
  });
});

describe('EC2', () => {
  it('is waited for where it takes its time', async () => {
    using slow = createAutoScalingGroups({
      ...{ clock, powerMs: 20_000, onWait: (action) => void told.push(action) },
      power: (_id, action) => void power.push(action),
    });
    slow.putGroup({ name: group, sendsEvents: true, pool: { state: 'Stopped', reusesOnScaleIn: true } });
    slow.putHook({ name: 'launch', group, transition: launching });
    slow.attach(id, group);
    slow.scaleIn(id);
    expect([slow.instance(id)?.lifecycleState, power]).toEqual(['Warmed:Pending', []]);
    await clock.advance(20_000);
    expect([slow.instance(id)?.lifecycleState, power]).toEqual(['Warmed:Stopped', ['stop']]);
    expect(slow.scaleOut(id)).toEqual([]);
    expect([slow.instance(id)?.lifecycleState, told]).toEqual(['Pending', []]);
    await clock.advance(20_000);
    expect([slow.instance(id)?.lifecycleState, told.length]).toEqual(['Pending:Wait', 1]);
  });
});

describe('a move', () => {
  it('begins only where AWS lets it begin', () => {
    hooks('terminate');
    expect(() => groups.scaleIn(id)).toThrow('is in no Auto Scaling group');
    inService();
    groups.scaleIn(id);
    expect(() => groups.scaleIn(id)).toThrow("can't terminate: it is Terminating:Wait");
    expect(() => groups.replaceRootVolume(id)).toThrow("can't replace the root volume");
    expect([groups.mayTerminate(id), path()]).toEqual([false, ['InService', 'Terminating', 'Terminating:Wait']]);
  });

  it('is told by the group that has a rule, and by nobody else', () => {
    hooks('terminate');
    inService();
    groups.scaleIn(id, { isTold: false });
    complete('terminate');
    groups.putGroup({ name: group, sendsEvents: false });
    inService();
    groups.scaleIn(id);
    expect(told).toEqual([]);
  });

  it('leads through every state that the API names, and through no other', () => {
    const states = Object.values(moves).flatMap((move: Move) => [
      move.begins,
      ...(move.transition === undefined ? [] : [`${move.begins}:Wait`, `${move.begins}:Proceed`]),
      ...(move.ends === 'rest' ? ['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'] : [move.ends]),
      ...(move.retained === undefined ? [] : [move.retained]),
    ]);
    const documented = Object.values(documentedStates).filter((state) => state !== 'Quarantined');
    expect([...new Set(states)].sort()).toEqual(documented.sort());
  });
});
