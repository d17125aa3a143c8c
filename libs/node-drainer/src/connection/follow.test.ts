import { describe, expect, it } from 'vitest';
import { KubernetesConnectionError } from './errors.ts';
import type { Pod } from './wire.ts';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { Change, FollowOptions } from './follow.ts';
import { follow } from './follow.ts';

function setUp(options: Partial<FollowOptions> = {}) {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster(clock);
  const troubles: unknown[] = [];
  const seen: string[] = [];
  const stop = new AbortController();
  const reason = new Error('stopped');
  const describeChange = (change: Change<Pod>) => {
    if (change.type === 'listed') return change.at === undefined ? 'listed, restored' : 'listed';
    if (change.type === 'page') return `page ${change.items.map(({ metadata }) => metadata?.name).join(' ')}`;
    return 'object' in change ? `${change.type} ${change.object.metadata?.name ?? ''}` : change.type;
  };
  const work = (async () => {
    const changes = follow<Pod>(cluster, {
      resource: { resource: 'pods' },
      watchSeconds: 60,
      quietMs: 90_000,
      signal: stop.signal,
      clock,
      onTrouble: (error) => troubles.push(error),
      ...options,
    });
    for await (const change of changes) seen.push(describeChange(change));
  })();
  work.catch(() => undefined);
  const end = async () => {
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
  };
  return { clock, cluster, troubles, seen, end };
}

describe('following a resource', () => {
  it('tells the list, then what changes, then that the server is there', async () => {
    const { clock, cluster, seen, end } = setUp();
    cluster.addPod({ name: 'a' });
    await clock.advance(10);
    cluster.addPod({ name: 'b' });
    cluster.changePod('uid-of-a', () => undefined);
    cluster.removePod('uid-of-b');
    cluster.bookmark();
    await clock.advance(10);
    expect(seen).toEqual(['listing', 'page a', 'listed', 'set b', 'set a', 'removed b', 'alive']);
    expect(cluster.watches[0]).toMatchObject({ quietMs: 90_000 });
    expect(cluster.watches[0]!.timeoutSeconds).toBeGreaterThanOrEqual(60);
    await end();
  });

  it('goes on where a watch ended quietly, without a list', async () => {
    const { clock, cluster, troubles, end } = setUp();
    await clock.advance(5000);
    cluster.addPod({ name: 'a' });
    await clock.advance(5000);
    cluster.dropWatches();
    await clock.advance(0);
    expect(cluster.watches).toHaveLength(2);
    expect(cluster.watches[1]!.resourceVersion).toBe('101');
    expect(cluster.count('list')).toBe(1);
    expect(troubles).toEqual([]);
    await end();
  });

  it('does not run in circles when watches end at once', async () => {
    const { clock, cluster, end } = setUp();
    for (let time = 0; time < 600; time += 1) {
      await clock.advance(100);
      cluster.dropWatches();
    }
    expect(cluster.watches.length).toBeLessThan(20);
    await end();
  });

  it('tells each failure and lists anew after some in a row', async () => {
    const { clock, cluster, troubles, end } = setUp();
    await clock.advance(2000);
    for (let failure = 0; failure < 5; failure += 1) {
      cluster.dropWatches(new KubernetesConnectionError('reset'));
      await clock.advance(20_000);
    }
    expect(troubles).toHaveLength(5);
    expect(cluster.calls.filter(({ query }) => query?.limit === undefined)).toHaveLength(2);
    await end();
  });

  it('lists anew, and says so, when the server has gone back to an older state', async () => {
    const { clock, cluster, seen, end } = setUp();
    await clock.advance(2000);
    const restore = cluster.keepState();
    cluster.addPod({ name: 'a' });
    await clock.advance(0);
    restore();
    await clock.advance(1000);
    cluster.addPod({ name: 'b' });
    await clock.advance(0);
    expect(seen.slice(3)).toEqual(['set a', 'listing', 'page ', 'listed, restored', 'set b']);
    await end();
  });

  it('lists anew when the server was away: it may have gone back to an older state, and be past the place again', async () => {
    const { clock, cluster, seen, end } = setUp();
    await clock.advance(2000);
    const restore = cluster.keepState();
    cluster.addPod({ name: 'a' });
    await clock.advance(0);
    cluster.script(
      ({ verb }) => verb === 'list',
      () => new KubernetesConnectionError('refused'),
      1,
    );
    restore();
    for (const name of ['b', 'c', 'd']) cluster.addPod({ name });
    await clock.advance(1000);
    expect(seen.slice(3)).toEqual(['set a', 'listing', 'page b c d', 'listed']);
    await end();
  });

  it('asks for next to nothing to see that the server has not gone back', async () => {
    const { clock, cluster, seen, end } = setUp();
    await clock.advance(2000);
    cluster.dropWatches(new KubernetesConnectionError('reset'));
    await clock.advance(1000);
    expect(cluster.calls.slice(1).map(({ query }) => query?.limit)).toEqual([1]);
    expect(cluster.watches).toHaveLength(2);
    expect(seen).toEqual(['listing', 'page ', 'listed']);
    await end();
  });

  it('lists anew on 410, and does not call it trouble', async () => {
    const { clock, cluster, troubles, seen, end } = setUp();
    await clock.advance(2000);
    cluster.dropWatches(refusal({ resource: 'pods' }, 410));
    await clock.advance(1000);
    expect(seen).toEqual(['listing', 'page ', 'listed', 'listing', 'page ', 'listed']);
    expect(troubles).toEqual([]);
    await end();
  });

  it('starts the list again when its pages expire', async () => {
    const { clock, cluster, end } = setUp();
    cluster.script(
      ({ verb }) => verb === 'list',
      (call) => refusal(call, 410),
      1,
    );
    await clock.advance(2000);
    expect(cluster.count('list')).toBe(2);
    expect(cluster.watches).toHaveLength(1);
    await end();
  });

  it('lists anew from time to time', async () => {
    const { clock, cluster, end } = setUp({ relistMs: 60_000 });
    await clock.advance(61_000);
    cluster.bookmark();
    await clock.advance(10);
    expect(cluster.count('list')).toBe(2);
    await end();
  });

  it('lists anew from time to time though the wall clock is set back an hour', async () => {
    const { clock, cluster, end } = setUp({ relistMs: 60_000 });
    await clock.advance(1000);
    clock.setWallClock(-3_600_000);
    await clock.advance(60_000);
    cluster.bookmark();
    await clock.advance(10);
    expect(cluster.count('list')).toBe(2);
    await end();
  });

  it('reads from the cache of the server when told to', async () => {
    const { clock, cluster, end } = setUp({ fromCache: true });
    await clock.advance(10);
    expect(cluster.calls[0]?.query?.resourceVersion).toBe('0');
    await end();
  });
});
