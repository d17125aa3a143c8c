import { describe, expect, it } from 'vitest';
import type { WatchCall, WatchEvent } from './client.ts';
import { KubernetesConnectionError } from './errors.ts';
import type { Pod } from './wire.ts';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { Change, FollowOptions } from './follow.ts';
import { follow } from './follow.ts';

/** What a server answers that does not begin a watch with what there is. */
const unknown = (call: WatchCall) => refusal(call, 422, { reason: 'Invalid' });

function setUp(options: Partial<FollowOptions> = {}) {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster(clock);
  const troubles: unknown[] = [];
  const seen: string[] = [];
  const stop = new AbortController();
  const reason = new Error('stopped');
  const describeChange = (change: Change<Pod>) => {
    if (change.type === 'listed') return change.at === undefined ? 'listed, restored' : 'listed';
    if (change.type === 'page') return change.items.map(({ metadata }) => `with ${metadata?.name ?? ''}`);
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
    for await (const change of changes) seen.push(...[describeChange(change)].flat());
  })();
  work.catch(() => undefined);
  const end = async () => {
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(clock.timers).toBe(0);
  };
  /** How often all there is was told. */
  const looks = () => seen.filter((word) => word.startsWith('listed')).length;
  /** Lists of all there is. */
  const lists = () => cluster.calls.filter(({ query }) => query?.limit !== 1);
  return { clock, cluster, troubles, seen, looks, lists, end };
}

describe.each([
  ['by one watch', () => undefined],
  ['by a list and a watch, where the server does not begin a watch with what there is', unknown],
])('following a resource %s', (_, answer) => {
  function setUpServer(options: Partial<FollowOptions> = {}) {
    const set = setUp(options);
    set.cluster.scriptState(answer);
    return set;
  }

  it('tells what there is, then what changes, then that the server is there', async () => {
    const { clock, cluster, seen, end } = setUpServer();
    cluster.addPod({ name: 'a' });
    await clock.advance(10);
    cluster.addPod({ name: 'b' });
    cluster.changePod('uid-of-a', () => undefined);
    cluster.removePod('uid-of-b');
    cluster.bookmark();
    await clock.advance(10);
    const state = seen.slice(seen.lastIndexOf('listing'));
    expect(state).toEqual(['listing', 'with a', 'listed', 'set b', 'set a', 'removed b', 'alive']);
    expect(cluster.watches.at(-1)).toMatchObject({ quietMs: 90_000 });
    expect(cluster.watches.at(-1)!.timeoutSeconds).toBeGreaterThanOrEqual(60);
    await end();
  });

  it('goes on where a watch ended quietly, and asks for no more than what came since', async () => {
    const { clock, cluster, troubles, looks, end } = setUpServer();
    await clock.advance(5000);
    cluster.addPod({ name: 'a' });
    await clock.advance(5000);
    cluster.dropWatches();
    await clock.advance(0);
    expect(cluster.watches.at(-1)!.resourceVersion).toBe('101');
    expect(looks()).toBe(1);
    expect(troubles).toEqual([]);
    await end();
  });

  it('does not run in circles when watches end at once', async () => {
    const { clock, cluster, end } = setUpServer();
    for (let time = 0; time < 600; time += 1) {
      await clock.advance(100);
      cluster.dropWatches();
    }
    expect(cluster.watches.length).toBeLessThan(20);
    await end();
  });

  it('tells each failure and looks at everything anew after some in a row', async () => {
    const { clock, cluster, troubles, looks, end } = setUpServer();
    await clock.advance(2000);
    for (let failure = 0; failure < 5; failure += 1) {
      cluster.dropWatches(new KubernetesConnectionError('reset'));
      await clock.advance(20_000);
    }
    expect(troubles).toHaveLength(5);
    expect(looks()).toBe(2);
    await end();
  });

  it('looks at everything anew, and says so, when the server has gone back to an older state', async () => {
    const { clock, cluster, seen, end } = setUpServer();
    await clock.advance(2000);
    const restore = cluster.keepState();
    cluster.addPod({ name: 'a' });
    await clock.advance(0);
    restore();
    await clock.advance(1000);
    cluster.addPod({ name: 'b' });
    await clock.advance(0);
    expect(seen.slice(seen.indexOf('set a'))).toEqual(['set a', 'listing', 'listed, restored', 'set b']);
    await end();
  });

  it('looks anew when the server was away: it may have gone back to an older state, and be past the place again', async () => {
    const { clock, cluster, seen, end } = setUpServer();
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
    const since = seen.slice(seen.indexOf('set a'));
    expect(since).toEqual(['set a', 'listing', 'with b', 'with c', 'with d', 'listed']);
    await end();
  });

  it('asks for next to nothing to see that the server has not gone back', async () => {
    const { clock, cluster, looks, end } = setUpServer();
    await clock.advance(2000);
    cluster.dropWatches(new KubernetesConnectionError('reset'));
    await clock.advance(1000);
    expect(cluster.calls.at(-1)?.query?.limit).toBe(1);
    expect(cluster.watches.at(-1)?.resourceVersion).toBe('100');
    expect(looks()).toBe(1);
    await end();
  });

  it('looks at everything anew on 410, and does not call it trouble', async () => {
    const { clock, cluster, troubles, looks, end } = setUpServer();
    await clock.advance(2000);
    cluster.dropWatches(refusal({ resource: 'pods' }, 410));
    await clock.advance(1000);
    expect(looks()).toBe(2);
    expect(troubles).toEqual([]);
    await end();
  });

  it.each([
    ['from time to time', 0],
    ['from time to time though the wall clock is set back an hour', -3_600_000],
  ])('looks at everything anew %s', async (__, byMs) => {
    const { clock, cluster, looks, end } = setUpServer({ relistMs: 60_000 });
    await clock.advance(1000);
    clock.setWallClock(byMs);
    await clock.advance(60_000);
    cluster.bookmark();
    await clock.advance(10);
    expect(looks()).toBe(2);
    await end();
  });

  it('reads from the cache of the server when told to', async () => {
    const { clock, cluster, lists, end } = setUpServer({ fromCache: true });
    await clock.advance(10);
    const versions = [...lists().map(({ query }) => query), cluster.watches[0]].map((asked) => asked?.resourceVersion);
    expect(new Set(versions)).toEqual(new Set(['0']));
    await end();
  });
});

describe('a watch that begins with what there is', () => {
  it('is the only request, and asks for a state that is not old', async () => {
    const { clock, cluster, end } = setUp();
    await clock.advance(10);
    expect(cluster.calls).toEqual([]);
    expect(cluster.watches).toMatchObject([
      { query: { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } },
    ]);
    expect(cluster.watches[0]).not.toHaveProperty('resourceVersion');
    await end();
  });

  it('may tell of changes before its end', async () => {
    const { clock, cluster, seen, end } = setUp();
    const [a, b] = ['a', 'b'].map((name) => cluster.addPod({ name })) as [Pod, Pod];
    cluster.scriptState((_, tell) => {
      for (const event of [
        { type: 'ADDED', object: a },
        { type: 'MODIFIED', object: a },
        { type: 'DELETED', object: b },
        { type: 'BOOKMARK', object: { metadata: { resourceVersion: '50' } } },
      ] satisfies WatchEvent<Pod>[])
        tell(event);
    }, 1);
    await clock.advance(10);
    expect(seen.slice(0, 5)).toEqual(['listing', 'with a', 'with a', 'removed b', 'alive']);
    expect(seen.at(-1)).toBe('listed');
    await end();
  });

  it.each([
    ['is refused as unknown', unknown],
    ['is refused as a bad request', (call: WatchCall) => refusal(call, 400)],
    ['never says that this was all', () => 'silence' as const],
    ['ends before that', () => 'end' as const],
  ])('is not asked for again for ten minutes where it %s', async (_, answer) => {
    const { clock, cluster, troubles, looks, lists, end } = setUp();
    cluster.scriptState(answer, 1);
    await clock.advance(11_000);
    expect([looks(), lists().length, troubles.length]).toEqual([1, 1, 0]);
    cluster.dropWatches(refusal({ resource: 'pods' }, 410));
    await clock.advance(1000);
    expect([looks(), lists().length]).toEqual([2, 2]);
    await clock.advance(600_000);
    cluster.dropWatches(refusal({ resource: 'pods' }, 410));
    await clock.advance(1000);
    expect([looks(), lists().length]).toEqual([3, 2]);
    await end();
  });

  it.each([
    ['breaks in its midst', () => new KubernetesConnectionError('reset')],
    ['is told to come again', (call: WatchCall) => refusal(call, 429)],
    ['has expired in its midst', (call: WatchCall) => refusal(call, 410)],
  ])('makes way for a list once where it %s, and is no trouble', async (_, answer) => {
    const { clock, cluster, troubles, looks, lists, end } = setUp();
    cluster.addPod({ name: 'a' });
    cluster.scriptState((call, tell) => {
      tell({ type: 'ADDED', object: cluster.pods.get('uid-of-a') });
      return answer(call);
    }, 1);
    await clock.advance(1000);
    expect([looks(), lists().length, troubles.length]).toEqual([1, 1, 0]);
    cluster.dropWatches(refusal({ resource: 'pods' }, 410));
    await clock.advance(1000);
    expect([looks(), lists().length]).toEqual([2, 1]);
    await end();
  });

  it('that may not be opened is told in the words of the list', async () => {
    const { clock, cluster, troubles, end } = setUp();
    cluster.scriptState((call) => refusal(call, 403));
    cluster.script(
      ({ verb }) => verb === 'list',
      (call) => refusal(call, 403),
    );
    await clock.advance(1000);
    expect(troubles[0]).toMatchObject({ verb: 'list', status: 403 });
    await end();
  });
});

describe('a list', () => {
  it('is started again when its pages expire', async () => {
    const { clock, cluster, looks, end } = setUp();
    cluster.scriptState(unknown);
    cluster.script(
      ({ verb }) => verb === 'list',
      (call) => refusal(call, 410),
      1,
    );
    await clock.advance(2000);
    expect(cluster.count('list')).toBe(2);
    expect(looks()).toBe(1);
    await end();
  });
});
