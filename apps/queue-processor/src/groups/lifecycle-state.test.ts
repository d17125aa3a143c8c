import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { instanceId } from '@node-termination-handler/event-parsers';
import { describe, expect, it, vi } from 'vitest';
import { checkTermination, createStateInGroup } from './lifecycle-state.ts';

const MINUTE = 60_000;

/** Groups that see instances in these states. */
function setUp(states: Readonly<Record<string, string>> = {}, failure?: Error) {
  const clock = new VirtualClock();
  const send = vi.fn(({ input }: { readonly input: { readonly InstanceIds: readonly string[] } }) => {
    if (failure !== undefined) return Promise.reject(failure);
    const known = input.InstanceIds.filter((id) => id in states);
    return Promise.resolve({
      AutoScalingInstances: known.map((InstanceId) => ({ InstanceId, LifecycleState: states[InstanceId] })),
    });
  });
  const stateInGroup = createStateInGroup({ send } as never, clock);
  const stop = new AbortController();
  const { signal } = stop;
  const check = (id: string, ageMs: number, how: { readonly isDoubted?: boolean } = {}) =>
    checkTermination(
      { instanceId: instanceId(id), noticedAt: new Date(clock.now() - ageMs) },
      { clock, signal, stateInGroup },
      how,
    );
  return { check, clock, send, stop };
}

describe('an old message of a termination', () => {
  it.each(['InService', 'Pending:Wait', 'Pending', 'Standby', 'EnteringStandby'])(
    'is history when its group sees the instance in %s',
    async (state) => {
      const { check, clock } = setUp({ 'i-1': state });
      expect(await clock.run(check('i-1', 2 * MINUTE))).toMatchObject({
        status: 'history',
        reason: `the termination of instance i-1 began 120 s ago, and its group sees it in ${state}`,
      });
    },
  );

  it.each([
    [true, 'history'],
    [false, 'act'],
  ])('is asked about when it is young, too, where it is doubted: %s', async (isDoubted, status) => {
    const { check, clock } = setUp({ 'i-1': 'InService' });
    expect(await clock.run(check('i-1', 20_000, { isDoubted }))).toMatchObject({ status });
  });

  it.each([
    'Terminating:Wait',
    'Terminating:Retained',
    'Warmed:Terminating:Wait',
    'Warmed:Pending:Wait',
    'Warmed:Running',
    'ReplacingRootVolume:Wait',
    'RootVolumeReplaced',
    undefined,
  ])('is acted on when its group sees the instance in %s', async (state) => {
    const { check, clock } = setUp(state === undefined ? {} : { 'i-1': state });
    expect(await clock.run(check('i-1', 2 * MINUTE))).toEqual({ status: 'act' });
  });

  it('is acted on when its group cannot be asked, which is warned of unless it is for want of a right', async () => {
    const down = setUp({}, new Error('down'));
    const { warning } = (await down.clock.run(down.check('i-1', 2 * MINUTE))) as { readonly warning?: string };
    expect(warning).toContain('120 s ago, and is acted on: its group cannot be asked (down)');
    const refused = new AutoScalingServiceException({
      ...{ name: 'AccessDenied', message: 'not allowed', $fault: 'client', $metadata: {} },
    });
    const unheard = setUp({}, refused);
    expect(await unheard.clock.run(unheard.check('i-1', 2 * MINUTE))).toEqual({ status: 'act' });
  });

  it('is not waited for when the program stops', async () => {
    const { check, clock, send, stop } = setUp();
    send.mockReturnValue(new Promise<never>(() => undefined));
    const checking = check('i-1', 2 * MINUTE);
    await clock.advance(1_000);
    expect(send).toHaveBeenCalledOnce();
    stop.abort(new Error('stop'));
    await expect(checking).rejects.toThrow('stop');
  });

  it('is asked about together with others, and a fresh one not at all', async () => {
    const { check, clock, send } = setUp({ 'i-1': 'InService' });
    const fresh = Array.from({ length: 100 }, (_, n) => check(`i-${n}`, 1_000));
    expect(await clock.run(Promise.all(fresh))).toContainEqual({ status: 'act' });
    expect(send).not.toHaveBeenCalled();
    const old = Array.from({ length: 52 }, (_, n) => check(`i-${n}`, 2 * MINUTE));
    await clock.run(Promise.all(old));
    await clock.run(Promise.all([check('i-1', 2 * MINUTE), check('i-1', 3 * MINUTE)]));
    expect(send.mock.calls.map(([{ input }]) => input.InstanceIds.length)).toEqual([50, 2, 1]);
  });
});
