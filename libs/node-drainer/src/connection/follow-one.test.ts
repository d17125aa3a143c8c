import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { followOne } from './follow-one.ts';
import type { Node } from './wire.ts';

describe('following one object', () => {
  it('asks for it by its name, and tells when it is there, changes, goes and comes back', async () => {
    const clock = new VirtualClock();
    const cluster = new ScriptedCluster(clock);
    const stop = new AbortController();
    const seen: string[] = [];
    const work = (async () => {
      const changes = followOne<Node>(cluster, {
        resource: { resource: 'nodes', name: 'a' },
        watchSeconds: 60,
        quietMs: 90_000,
        signal: stop.signal,
        clock,
        onTrouble: (error) => seen.push(String(error)),
      });
      for await (const change of changes) {
        seen.push(change.type === 'present' ? `present ${change.object.metadata?.name ?? ''}` : change.type);
      }
    })();
    cluster.putNode({ name: 'b' });
    await clock.advance(0);
    expect(seen.splice(0)).toEqual(['absent']);
    cluster.putNode({ name: 'a' });
    cluster.putNode({ name: 'b' });
    cluster.bookmark();
    await clock.advance(0);
    expect(seen.splice(0)).toEqual(['present a', 'alive']);
    cluster.removeNode('a');
    cluster.putNode({ name: 'a' });
    await clock.advance(0);
    expect(seen.splice(0)).toEqual(['absent', 'present a']);
    expect(cluster.calls.map(({ query }) => query?.fieldSelector)).toEqual(['metadata.name=a']);
    expect(cluster.watches.map(({ fieldSelector }) => fieldSelector)).toEqual(['metadata.name=a']);
    stop.abort();
    await expect(work).rejects.toBe(stop.signal.reason);
    expect(clock.timers).toBe(0);
  });

  it('finds it in the list', async () => {
    const clock = new VirtualClock();
    const cluster = new ScriptedCluster(clock);
    cluster.putNode({ name: 'b' });
    cluster.putNode({ name: 'a' });
    const resource = { resource: 'nodes', name: 'a' };
    const { signal } = new AbortController();
    const options = { resource, watchSeconds: 60, quietMs: 90_000, signal, clock, onTrouble: () => undefined };
    for await (const change of followOne<Node>(cluster, options)) {
      expect(change).toMatchObject({ type: 'present', object: { metadata: { name: 'a' } } });
      break;
    }
  });
});
