import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { instanceId } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from './describe.ts';
import { findInstance } from './find-instance.ts';

const event = { kind: 'SPOT_ITN', instanceId: instanceId('i-1') } as const;
const tagged = { id: 'i-1', state: 'running', metadata: { localHostname: 'dns-1' }, tags: new Map([['managed', '']]) };
const instance = tagged as unknown as DescribedInstance;
const node = { name: 'node-1' } as FoundNode;
const rule = { checkTag: true, managedTag: { key: 'managed' }, region: 'eu-west-1' };

interface Given {
  /** What EC2 says, one time after the other. */
  readonly answers: readonly (DescribedInstance | Error | undefined)[];
  readonly index?: readonly FoundNode[];
  readonly fresh?: readonly FoundNode[];
}

function setUp({ answers, index = [], fresh = [] }: Given) {
  const left = [...answers];
  const clock = new VirtualClock();
  const stop = new AbortController();
  const forget = vi.fn();
  const freshNodes = vi.fn((_: unknown) => Promise.resolve(fresh));
  const findAll = vi.fn((_: unknown) => index);
  const ask = vi.fn(() => {
    const instance = left.shift();
    if (instance instanceof Error) return Promise.resolve<Ec2Answer>({ status: 'no-answer', error: instance });
    return Promise.resolve<Ec2Answer>(instance ? { status: 'described', instance } : { status: 'unknown-id' });
  });
  const sources = {
    instances: { ask, forget },
    nodes: { findAll, whenSynced: () => Promise.resolve() },
    freshNodes,
    clock,
    signal: stop.signal,
  };
  const run = (own: { event?: Parameters<typeof findInstance>[0]; checkTag?: boolean } = {}) =>
    clock.run(findInstance(own.event ?? event, { ...rule, checkTag: own.checkTag ?? true }, sources));
  return { run, ask, forget, findAll, freshNodes, stop };
}

describe('the instance of an event', () => {
  it('that EC2 knows and a node is, is asked for once', async () => {
    const { run, ask, findAll, freshNodes } = setUp({ answers: [instance], index: [node] });
    expect(await run()).toEqual({ status: 'ours', nodes: [node], instance });
    expect(findAll).toHaveBeenCalledWith({ instanceId: 'i-1', name: 'dns-1' });
    expect([ask.mock.calls.length, freshNodes.mock.calls.length]).toEqual([1, 0]);
  });

  it('that is no node of the index is looked for in a fresh list', async () => {
    const { run, freshNodes } = setUp({ answers: [instance], fresh: [node] });
    expect(await run()).toMatchObject({ status: 'ours', nodes: [node] });
    expect(freshNodes).toHaveBeenCalledExactlyOnceWith({ instanceId: 'i-1', name: 'dns-1' });
    const none = setUp({ answers: [{ ...instance, state: 'terminated', metadata: { localHostname: '' } }] });
    expect(await none.run()).toMatchObject({ status: 'nothing-to-do' });
    expect(none.freshNodes).toHaveBeenCalledExactlyOnceWith({ instanceId: 'i-1' });
  });

  it('is looked for in no list when it is not ours, is just being launched, or runs again', async () => {
    const foreign = setUp({ answers: [{ ...instance, tags: new Map() }] });
    expect(await foreign.run()).toMatchObject({ status: 'not-ours' });
    expect(foreign.freshNodes).not.toHaveBeenCalled();
    for (const kind of ['ASG_LAUNCH_LIFECYCLE', 'INSTANCE_RUNNING'] as const) {
      const { run, freshNodes } = setUp({ answers: [instance] });
      expect(await run({ event: { ...event, kind } })).toMatchObject({ status: 'no-node-yet' });
      expect(freshNodes).not.toHaveBeenCalled();
    }
  });

  it('that EC2 does not know though a node is it is asked for again, and the old answer forgotten', async () => {
    const { run, forget } = setUp({ answers: [undefined, undefined, instance], index: [node] });
    expect(await run()).toMatchObject({ status: 'ours', instance });
    expect(forget).toHaveBeenCalledTimes(2);
  });

  it('is unknown when EC2 keeps to that, and when it cannot be asked', async () => {
    const unknown = setUp({ answers: [], index: [node] });
    expect(await unknown.run()).toMatchObject({ status: 'unknown' });
    expect(unknown.ask).toHaveBeenCalledTimes(4);
    const unreachable = setUp({ answers: [new Error('throttled')], index: [node] });
    expect(await unreachable.run()).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('throttled') as string,
    });
  });

  it('waits for no answer of EC2 where no tag counts', async () => {
    for (const answer of [undefined, new Error('throttled')]) {
      const { run, ask } = setUp({ answers: [answer], index: [node] });
      expect(await run({ checkTag: false })).toEqual({ status: 'ours', nodes: [node] });
      expect(ask).toHaveBeenCalledTimes(1);
    }
  });

  it('that neither EC2 nor a fresh list knows may be known later', async () => {
    const { run, freshNodes } = setUp({ answers: [undefined] });
    expect(await run()).toMatchObject({ status: 'no-node-yet' });
    expect(freshNodes).toHaveBeenCalledTimes(1);
  });

  it('is not asked for again when the program stops', async () => {
    const { run, stop } = setUp({ answers: [undefined, instance], index: [node] });
    stop.abort(new Error('stop'));
    await expect(run()).rejects.toThrow('stop');
  });
});
