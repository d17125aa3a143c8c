import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import type { DescribedInstance } from './describe.ts';
import { findInstance, judgeInstance } from './find-instance.ts';

const instance = { id: 'i-1' } as DescribedInstance;

const clock = new VirtualClock();

function sources(answers: readonly (DescribedInstance | undefined)[], nodeIds: readonly string[]) {
  const left = [...answers];
  const forgotten: string[] = [];
  return {
    forgotten,
    left,
    parts: {
      instances: { find: () => Promise.resolve(left.shift()), forget: (id: string) => void forgotten.push(id) },
      nodes: {
        whenSynced: () => Promise.resolve(),
        find: ({ instanceId = '' }) => (nodeIds.includes(instanceId) ? ({ name: 'node-1' } as never) : undefined),
      },
      clock,
      signal: new AbortController().signal,
    },
  };
}

describe('an instance', () => {
  it('that EC2 knows is asked for once', async () => {
    const { parts, left } = sources([instance, undefined], ['i-1']);
    expect(await findInstance('i-1', parts)).toBe(instance);
    expect(left).toHaveLength(1);
  });

  it('that EC2 does not know and no node runs on is nobody’s at once', async () => {
    const { parts, left } = sources([undefined, instance], []);
    expect(await findInstance('i-1', parts)).toBeUndefined();
    expect(left).toHaveLength(1);
  });

  it('that EC2 does not know though a node runs on it is asked for again, and the old answer forgotten', async () => {
    const { parts, forgotten } = sources([undefined, undefined, instance], ['i-1']);
    expect(await clock.run(findInstance('i-1', parts))).toBe(instance);
    expect(forgotten).toEqual(['i-1', 'i-1']);
  });

  it('is nobody’s when EC2 keeps to its answer', async () => {
    const { parts, left } = sources([undefined, undefined, undefined, undefined, instance], ['i-1']);
    expect(await clock.run(findInstance('i-1', parts))).toBeUndefined();
    expect(left).toHaveLength(1);
  });

  it('is not asked for again when the program stops', async () => {
    const { parts } = sources([undefined, instance], ['i-1']);
    await expect(findInstance('i-1', { ...parts, signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow();
  });
});

describe('an instance of an event', () => {
  const instance: DescribedInstance = {
    id: 'i-1',
    state: 'running',
    privateDnsName: 'node-1',
    instanceType: '',
    availabilityZone: '',
    accountId: '123456789012',
    lifeCycle: 'spot',
    privateIp: '',
    publicDnsName: '',
    publicIp: '',
    tags: new Map([['managed', '']]),
  };
  const rule = { checkTag: true, managedTag: 'managed' };

  it('is ours with the tag, or when the tag is not looked for', () => {
    expect(judgeInstance('i-1', instance, rule)).toMatchObject({ status: 'ours', nodeName: 'node-1' });
    expect(judgeInstance('i-1', { ...instance, tags: new Map() }, rule)).toMatchObject({ status: 'not-actionable' });
    expect(judgeInstance('i-1', { ...instance, tags: new Map() }, { ...rule, checkTag: false })).toMatchObject({
      status: 'ours',
    });
  });

  it('is nobody’s when EC2 does not know it, or it is ending without a name', () => {
    expect(judgeInstance('i-1', undefined, rule)).toMatchObject({ status: 'not-actionable' });
    expect(judgeInstance('i-1', { ...instance, state: 'terminated', privateDnsName: '' }, rule)).toMatchObject({
      status: 'not-actionable',
    });
    expect(judgeInstance('i-1', { ...instance, privateDnsName: '' }, rule)).toMatchObject({ status: 'ours' });
  });
});
