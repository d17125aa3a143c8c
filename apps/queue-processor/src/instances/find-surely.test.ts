import { describe, expect, it } from 'vitest';
import type { DescribedInstance } from './describe.ts';
import { findSurely } from './find-surely.ts';

const instance = { id: 'i-1' } as DescribedInstance;

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
      signal: new AbortController().signal,
      pausesMs: [1, 1],
    },
  };
}

describe('an instance', () => {
  it('that EC2 knows is asked for once', async () => {
    const { parts, left } = sources([instance, undefined], ['i-1']);
    expect(await findSurely('i-1', parts)).toBe(instance);
    expect(left).toHaveLength(1);
  });

  it('that EC2 does not know and no node runs on is nobody’s at once', async () => {
    const { parts, left } = sources([undefined, instance], []);
    expect(await findSurely('i-1', parts)).toBeUndefined();
    expect(left).toHaveLength(1);
  });

  it('that EC2 does not know though a node runs on it is asked for again, and the old answer forgotten', async () => {
    const { parts, forgotten } = sources([undefined, undefined, instance], ['i-1']);
    expect(await findSurely('i-1', parts)).toBe(instance);
    expect(forgotten).toEqual(['i-1', 'i-1']);
  });

  it('is nobody’s when EC2 keeps to its answer', async () => {
    const { parts, left } = sources([undefined, undefined, undefined, instance], ['i-1']);
    expect(await findSurely('i-1', parts)).toBeUndefined();
    expect(left).toHaveLength(1);
  });

  it('is not asked for again when the program stops', async () => {
    const { parts } = sources([undefined, instance], ['i-1']);
    await expect(findSurely('i-1', { ...parts, signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow();
  });
});
