import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from '../instances/describe.ts';
import { launchedNode } from './launch.ts';

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
      whenReady: (ref: unknown, each?: AbortSignal) =>
        (looks += 1) < 3 ? never(ref, each) : Promise.resolve({ name: 'node-1' } as FoundNode),
    };
    const ec2 = instances('running', new Error('throttled'));
    expect(await clock.run(launchedNode(launch(), { nodes, instances: ec2, clock, signal }))).toBe('node-1');
    expect(ec2.ask).toHaveBeenCalledTimes(2);
  });

  it.each(['terminated', 'shutting-down', undefined])(
    'is waited for no more when the instance is %s',
    async (state) => {
      const parts = { nodes: { whenReady: never }, instances: instances('pending', state), clock, signal };
      expect(await clock.run(launchedNode(launch(), parts))).toBeUndefined();
    },
  );

  it('is waited for no longer than a lifecycle action can wait', async () => {
    const parts = { nodes: { whenReady: never }, instances: instances('running'), clock, signal };
    expect(await clock.run(launchedNode(launch(new Date(clock.now() - 49 * 3_600_000)), parts))).toBeUndefined();
  });

  it('is left to another process when this one stops', async () => {
    const stop = new AbortController();
    const parts = { nodes: { whenReady: never }, instances: instances('running'), clock, signal: stop.signal };
    const waiting = launchedNode(launch(), parts);
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});
