import { describe, expect, it } from 'vitest';
import { setUp } from '../testing/drain-set-up.ts';
import { refusal } from '../testing/scripted-cluster.ts';
import type { DrainOptions } from './options.ts';

describe('the node itself', () => {
  it('is looked at first when its uid is known', async () => {
    const { cluster, drain } = setUp();
    cluster.putNode({ uid: 'another' });
    cluster.addPod();
    const { finished } = await drain({ nodeUid: 'uid-of-node-1' });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'node-replaced' });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get']);
  });

  it('may be gone', async () => {
    const { drain } = setUp();
    expect((await drain({ nodeUid: 'uid-of-node-1' })).finished).toMatchObject({
      outcome: 'failed',
      reason: 'node-gone',
    });
  });

  it('was never there, by a name that is mistyped', async () => {
    const { cluster, drain } = setUp();
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'node-gone', message: 'there is no node node-1' });
    cluster.putNode();
    expect((await drain()).finished.outcome).toBe('drained');
  });

  it('may not be readable', async () => {
    const { cluster, drain } = setUp();
    cluster.script(
      ({ verb }) => verb === 'get',
      (call) => refusal(call, 500, { message: 'no' }),
    );
    expect((await drain({ nodeUid: 'u' })).finished).toMatchObject({ outcome: 'failed', reason: 'unreachable' });
  });

  it('is looked up in an index without a request', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const node = { name: 'node-1', uid: 'uid-of-node-1' };
    const nodes = { synced: true, find: () => node } as unknown as NonNullable<DrainOptions['nodes']>;
    expect((await drain({ nodeUid: 'uid-of-node-1', nodes })).finished.outcome).toBe('drained');
    expect(cluster.calls.some(({ resource }) => resource === 'nodes')).toBe(false);
  });

  it('is looked at again before pods are touched that came late', async () => {
    const { cluster, drain } = setUp();
    cluster.putNode();
    cluster.addPod({ name: 'old', endsAfterMs: 1e9, graceSeconds: 60 });
    const { finished } = await drain({ nodeUid: 'uid-of-node-1' }, (progress) => {
      if (progress.type !== 'evicted') return;
      cluster.putNode({ uid: 'another' });
      cluster.addPod({ name: 'of-the-new-node' });
    });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'node-replaced' });
    expect(cluster.calls.some(({ name }) => name === 'of-the-new-node')).toBe(false);
  });
});
