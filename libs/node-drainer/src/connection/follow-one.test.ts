import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
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
    expect(cluster.calls).toEqual([]);
    expect(cluster.watches.map(({ fieldSelector }) => fieldSelector)).toEqual(['metadata.name=a']);
    stop.abort();
    await expect(work).rejects.toBe(stop.signal.reason);
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['in what a watch begins with, as it was seen last', false],
    ['in the list', true],
  ])('finds it %s', async (_, isListed) => {
    const clock = new VirtualClock();
    const cluster = new ScriptedCluster(clock);
    cluster.putNode({ name: 'b' });
    const { metadata } = cluster.putNode({ name: 'a' });
    cluster.scriptState((call, tell) => {
      if (isListed) return refusal(call, 422);
      tell({ type: 'ADDED', object: { metadata: { ...metadata, resourceVersion: '1' } } });
      return undefined;
    });
    const resource = { resource: 'nodes', name: 'a' };
    const { signal } = new AbortController();
    const options = { resource, watchSeconds: 60, quietMs: 90_000, signal, clock, onTrouble: () => undefined };
    for await (const change of followOne<Node>(cluster, options)) {
      expect(change).toMatchObject({ type: 'present', object: { metadata } });
      break;
    }
  });

  it('does not tell of one that goes while a watch still tells what there is', async () => {
    const clock = new VirtualClock();
    const cluster = new ScriptedCluster(clock);
    const { metadata } = cluster.putNode({ name: 'a' });
    cluster.scriptState((_, tell) => {
      tell({ type: 'ADDED', object: { metadata } });
      tell({ type: 'DELETED', object: { metadata } });
      cluster.removeNode('a');
      return undefined;
    });
    const { signal } = new AbortController();
    const options = { watchSeconds: 60, quietMs: 90_000, signal, clock, onTrouble: () => undefined };
    const seen: string[] = [];
    for await (const { type } of followOne<Node>(cluster, { resource: { resource: 'nodes', name: 'a' }, ...options })) {
      seen.push(type);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['absent', 'absent']);
  });
});
