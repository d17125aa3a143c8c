import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { LifecycleLaunch, LifecycleWay } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { sleepUntil } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from '../instances/describe.ts';
import { launchedNode, processLaunch } from './launch.ts';
import type { LaunchParts } from './launch.ts';
import type { HookAnswer } from './hooks.ts';

const clock = new VirtualClock();

function launch(noticedAt = new Date(clock.now())): LifecycleLaunch {
  return {
    kind: 'ASG_LAUNCH_LIFECYCLE',
    id: eventId('asg-lifecycle-launch-1'),
    monitor: 'SQS_MONITOR',
    description: 'launched',
    instanceId: instanceId('i-1'),
    noticedAt,
    startTime: noticedAt,
  };
}

const never = (_ref: unknown, signal?: AbortSignal) =>
  new Promise<FoundNode>((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
const signal = new AbortController().signal;

function instances(...states: readonly (string | undefined | Error)[]) {
  let looks = 0;
  return {
    ask: vi.fn(() => {
      const state = states[Math.min(looks, states.length - 1)];
      looks += 1;
      if (state instanceof Error) return Promise.resolve<Ec2Answer>({ status: 'no-answer', error: state });
      const instance = { id: 'i-1', state } as DescribedInstance;
      return Promise.resolve<Ec2Answer>(state ? { status: 'described', instance } : { status: 'unknown-id' });
    }),
  };
}

describe('the node of a launched instance', () => {
  it('is waited for until it is ready', async () => {
    let looks = 0;
    const nodes = {
      findAll: () => [],
      whenReady: (ref: unknown, each?: AbortSignal) =>
        (looks += 1) < 3 ? never(ref, each) : Promise.resolve({ name: 'node-1' } as FoundNode),
    };
    const ec2 = instances('running', new Error('throttled'));
    expect(await clock.run(launchedNode(launch(), { nodes, instances: ec2, clock, signal }))).toBe('ready');
    expect(ec2.ask).toHaveBeenCalledTimes(2);
  });

  it.each(['terminated', 'shutting-down', undefined])(
    'is waited for no more when the instance is %s',
    async (state) => {
      const parts = {
        nodes: { findAll: () => [], whenReady: never },
        instances: instances('pending', state),
        clock,
        signal,
      };
      expect(await clock.run(launchedNode(launch(), parts))).toBe('ended');
    },
  );

  it('is waited for while it is here, though EC2 knows no such instance, as that of another region does', async () => {
    let looks = 0;
    const node = { name: 'node-1' } as FoundNode;
    const nodes = {
      findAll: () => [node],
      whenReady: (ref: unknown, each?: AbortSignal) => ((looks += 1) < 3 ? never(ref, each) : Promise.resolve(node)),
    };
    expect(await clock.run(launchedNode(launch(), { nodes, instances: instances(undefined), clock, signal }))).toBe(
      'ready',
    );
  });

  it('is waited for no longer than a lifecycle action can wait', async () => {
    const parts = { nodes: { findAll: () => [], whenReady: never }, instances: instances('running'), clock, signal };
    expect(await clock.run(launchedNode(launch(new Date(clock.now() - 49 * 3_600_000)), parts))).toBe('ended');
  });

  it('is left to another process when this one stops', async () => {
    const stop = new AbortController();
    const parts = {
      nodes: { findAll: () => [], whenReady: never },
      instances: instances('running'),
      clock,
      signal: stop.signal,
    };
    const waiting = launchedNode(launch(), parts);
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});

const refused = new AutoScalingServiceException({
  ...{ name: 'AccessDenied', message: 'not allowed', $fault: 'client', $metadata: {} },
});
const MINUTE = 60_000;
const WAITS: HookAnswer = { status: 'confirmed', timeoutMs: 5 * MINUTE, defaultResult: 'ABANDON', isRetained: false };
const INTO_POOL: LifecycleWay = { origin: 'EC2', destination: 'WarmPool' };
const OUT_OF_POOL: LifecycleWay = { origin: 'WarmPool', destination: 'AutoScalingGroup' };

interface Given {
  readonly way?: LifecycleWay;
  readonly env?: Readonly<Record<string, string>>;
  readonly answer?: HookAnswer;
  /** When its group says what its hook is, after the launch, in milliseconds. */
  readonly answersInMs?: number;
  /** Whether the node is there before it is ready. */
  readonly isThere?: boolean;
  /** Whether anything stood on the node that it was taken out of service for. */
  readonly hadAnything?: boolean;
  /** Whether the node shows a mark. */
  readonly isMarked?: boolean;
  /** Whether the API server is there. */
  readonly isReachable?: boolean;
  /** What its group sees the instance in; an error: it cannot be asked. */
  readonly state?: string | Error;
  /** When the node is ready, after the launch, in milliseconds. */
  readonly readyInMs?: number;
  readonly launchTime?: Date;
}

/** A launch that is taken to its end, and what was done for it, in order. */
function launching({
  way = {},
  env = {},
  answer = WAITS,
  isThere = false,
  hadAnything = true,
  isMarked = true,
  isReachable = true,
  state = 'Pending:Wait',
  ...given
}: Given) {
  const parsed = loadQueueProcessorSettings({
    argv: [],
    env: { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q', ...env },
  });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const time = new VirtualClock();
  const { answersInMs = 0, readyInMs = 0, launchTime } = given;
  const readyAt = time.now() + readyInMs;
  const done: string[] = [];
  const note = (what: string) => () => {
    done.push(`${what} ${(time.now() - startedAt) / 1000}`);
    return Promise.resolve();
  };
  const startedAt = time.now();
  const warnings: string[] = [];
  const beats: unknown[] = [];
  const node = { name: 'node-1', unschedulable: isMarked, taints: [] } as unknown as FoundNode;
  const left = vi.fn();
  const parts: LaunchParts = {
    autoScaling: {
      send: (command: { readonly input: unknown }) => Promise.resolve(beats.push(command.input)),
    } as unknown as LaunchParts['autoScaling'],
    stateInGroup: () => (state instanceof Error ? Promise.reject(state) : Promise.resolve(state)),
    clock: time,
    complete: () => note('complete')().then(() => 'completed'),
    handler: {
      putIntoService: () =>
        isReachable ? note('put into service')().then(() => hadAnything) : new Promise<boolean>(() => undefined),
      returned: note('returned'),
    },
    hooks: {
      describe: async () => {
        if (answersInMs > 0) await sleepUntil(time, startedAt + answersInMs);
        return answer;
      },
      forget: vi.fn(),
    },
    instances: {
      ask: () => {
        const instance = { id: 'i-1', state: 'running', launchTime } as unknown as DescribedInstance;
        return Promise.resolve<Ec2Answer>({ status: 'described', instance });
      },
      forget: vi.fn(),
    },
    nodes: {
      findAll: () => (isThere ? [node] : []),
      whenReady: async (ref, each) => {
        if (readyAt - time.now() >= MINUTE) return never(ref, each);
        await sleepUntil(time, readyAt, signal);
        return node;
      },
    },
    place: { wait: (waiting, work) => work(waiting) },
    settings: parsed.settings,
    signal: new AbortController().signal,
    teller: { left, lifecycle: vi.fn(), warning: (message) => warnings.push(message) },
  };
  const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'boot', lifecycleActionToken: 'token' };
  const event: LifecycleLaunch = { ...launch(new Date(startedAt)), hook, ...way };
  const end = () => time.run(processLaunch(event, parts));
  return { beats, done, end, left, time, warnings };
}

describe('a launch into the warm pool', () => {
  it.each([{}, { LIFECYCLE_HOOK_NAMES: '*' }, { LIFECYCLE_HOOK_NAMES: 'drain' }])(
    'is left to the owner of its hook, with %j',
    async (env) => {
      const { done, end, left } = launching({ way: INTO_POOL, env });
      expect(await end()).toEqual({ status: 'finished', outcome: 'not_actionable' });
      expect([done, left.mock.calls.length]).toEqual([[], 1]);
    },
  );

  it('is completed when its node is ready, where its hook is named', async () => {
    const { done, end } = launching({ way: INTO_POOL, env: { LIFECYCLE_HOOK_NAMES: 'bo*' }, readyInMs: 30_000 });
    expect(await end()).toEqual({ status: 'finished', outcome: 'handled' });
    expect(done).toEqual(['complete 30']);
  });

  it('is completed shortly before it waits no longer, where no node joins (W4)', async () => {
    const env = { LIFECYCLE_HOOK_NAMES: 'boot', COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '60' };
    const { done, end, warnings, time } = launching({ way: INTO_POOL, env, readyInMs: 60 * MINUTE });
    expect(await end()).toEqual({ status: 'finished', outcome: 'handled' });
    expect(done).toEqual(['complete 295']);
    expect(warnings).toEqual([expect.stringContaining('has not become a node')]);
    expect(time.timers).toBe(0);
  });

  it.each([
    ['when its node is ready', { answersInMs: Infinity, readyInMs: 30_000 }, ['complete 40']],
    ['shortly before it waits no longer', { answersInMs: 30_000, readyInMs: 60 * MINUTE }, ['complete 295']],
    ['at once where that has passed', { answersInMs: 20 * MINUTE, readyInMs: 60 * MINUTE }, ['complete 1200']],
  ])('is not held up by a group that does not say what its hook is: it is completed %s', async (_what, given, done) => {
    const launched = launching({ ...given, way: INTO_POOL, env: { LIFECYCLE_HOOK_NAMES: 'boot' } });
    expect(await launched.end()).toEqual({ status: 'finished', outcome: 'handled' });
    expect(launched.done).toEqual(done);
  });
});

describe('a launch into service', () => {
  it.each([
    ['out of the warm pool', OUT_OF_POOL],
    [
      'with another root volume',
      { origin: 'AutoScalingGroup', destination: 'AutoScalingGroup', replacesRootVolume: true },
    ],
  ] as const)('%s gives the node back first, waits for it, and is completed then (W3)', async (_what, way) => {
    const launchTime = new Date('2026-01-02T03:00:00Z');
    const { done, end } = launching({ way, isThere: true, readyInMs: 20_000, launchTime });
    expect(await end()).toEqual({ status: 'finished', outcome: 'handled' });
    expect(done).toEqual(['put into service 0', 'returned 0', 'put into service 20', 'returned 20', 'complete 20']);
  });

  it('asks no more where nothing stands on its node', async () => {
    const { done, end } = launching({ way: OUT_OF_POOL, isThere: true, hadAnything: false, launchTime: new Date(0) });
    await end();
    expect(done).toEqual(['put into service 0', 'put into service 0', 'complete 0']);
  });

  it('waits for an API server that is away no longer than twice ten seconds where its node shows no mark', async () => {
    const { done, end } = launching({ way: OUT_OF_POOL, isThere: true, isMarked: false, isReachable: false });
    await end();
    expect(done).toEqual(['complete 20']);
  });

  it('of an instance that its group terminates gives nothing back, whoever wrote the message', async () => {
    const { done, end, warnings } = launching({ way: OUT_OF_POOL, isThere: true, state: 'Terminating:Wait' });
    await end();
    expect(done).toEqual(['complete 0']);
    expect(warnings).toContainEqual(expect.stringContaining('its group that it is Terminating:Wait'));
  });

  it.each([
    ['be asked', new Error('down'), 1],
    ['be asked for want of a right', refused, 0],
  ])('gives the node back where its group cannot %s', async (_what, state, told) => {
    const { done, end, warnings } = launching({ way: OUT_OF_POOL, isThere: true, state });
    await end();
    expect(done).toEqual(['put into service 0', 'put into service 0', 'complete 0']);
    expect(warnings).toHaveLength(2 * told);
  });

  it('whose hook is another owner’s gives the node back all the same', async () => {
    const { done, end, left } = launching({
      ...{ way: OUT_OF_POOL, isThere: true, env: { LIFECYCLE_HOOK_NAMES: 'drain' } },
    });
    expect(await end()).toEqual({ status: 'finished', outcome: 'not_actionable' });
    expect([done, left.mock.calls.length]).toEqual([['put into service 0'], 1]);
  });

  it('is kept alive through the delay of its completion (A6)', async () => {
    const env = { COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '600', HEARTBEAT_INTERVAL: '100' };
    const { beats, done, end, time } = launching({ env });
    await end();
    expect([done, beats.length, time.timers]).toEqual([['complete 600'], 5, 0]);
  });
});
