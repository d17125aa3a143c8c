import { afterEach, describe, expect, it, vi } from 'vitest';
import { KubernetesConnectionError } from '../connection/errors.ts';
import { systemClock } from '@node-termination-handler/clock';
import { aFoundNode } from '../testing/objects.ts';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { createNodeIndex } from './node-index.ts';
import type { NodeIndex, NodeIndexChange } from './node-index.ts';

const INSTANCE = 'i-0123456789abcdef0';
const open: NodeIndex[] = [];

function setUp(options: Parameters<typeof createNodeIndex>[1] = {}) {
  const cluster = new ScriptedCluster(systemClock);
  cluster.putNode({ name: 'a', instanceId: INSTANCE });
  const start = () => {
    const index = createNodeIndex(cluster, options);
    open.push(index);
    return index;
  };
  return { cluster, start };
}

afterEach(async () => {
  for (const index of open.splice(0)) await index[Symbol.asyncDispose]();
});

describe('a node index', () => {
  it('knows nothing before the first list, and all nodes after it', async () => {
    const { start } = setUp();
    const index = start();
    expect(index.synced).toBe(false);
    expect(index.find({ name: 'a' })).toBeUndefined();
    expect(index.lastSuccess).toBeUndefined();
    await index.whenSynced();
    expect(index.synced).toBe(true);
    expect(index.find({ instanceId: INSTANCE })?.name).toBe('a');
    expect(index.lastSuccess).toBeInstanceOf(Date);
    expect([index.size, [...index.nodes()].length]).toEqual([1, 1]);
  });

  it('lists in pages where it must list', async () => {
    const { cluster, start } = setUp({ pageSize: 2 });
    cluster.scriptState((call) => refusal(call, 422));
    for (let number = 0; number < 4; number += 1) cluster.putNode({ name: `node-${number}` });
    const index = start();
    await index.whenSynced();
    expect(index.size).toBe(5);
    expect(cluster.count('list')).toBe(3);
  });

  it('follows what comes, changes and goes', async () => {
    const { cluster, start } = setUp();
    const index = start();
    await index.whenSynced();
    await vi.waitFor(() => expect(cluster.watches).toHaveLength(1));
    cluster.putNode({ name: 'b', ready: false });
    cluster.removeNode('a');
    await vi.waitFor(() => expect([...index.nodes()].map(({ name }) => name)).toEqual(['b']));
    cluster.bookmark();
    cluster.putNode({ name: 'b', unschedulable: true });
    await vi.waitFor(() => expect(index.find({ name: 'b' })?.unschedulable).toBe(true));
  });

  it('tells when a node is ready', async () => {
    const { cluster, start } = setUp();
    const index = start();
    await expect(index.whenReady({ name: 'a' })).resolves.toMatchObject({ name: 'a' });
    await vi.waitFor(() => expect(cluster.watches).toHaveLength(1));
    const waiting = index.whenReady({ instanceId: 'i-0fedcba9876543210' });
    cluster.putNode({ name: 'new', instanceId: 'i-0fedcba9876543210', ready: false });
    cluster.putNode({ name: 'new', instanceId: 'i-0fedcba9876543210' });
    await expect(waiting).resolves.toMatchObject({ name: 'new', ready: true });
  });

  it('knows all that claim one instance, and waits for all of them to be ready', async () => {
    const { cluster, start } = setUp();
    cluster.putNode({ name: 'b', instanceId: INSTANCE, ready: false });
    const index = start();
    await index.whenSynced();
    expect(index.findAll({ instanceId: INSTANCE }).map(({ name }) => name)).toEqual(['a', 'b']);
    await vi.waitFor(() => expect(cluster.watches).toHaveLength(1));
    const waiting = index.whenReady({ instanceId: INSTANCE });
    cluster.putNode({ name: 'b', instanceId: INSTANCE });
    await expect(waiting).resolves.toMatchObject({ name: 'a' });
    expect([...index.nodes()].every(({ ready }) => ready)).toBe(true);
  });

  it('stops waiting by the signal', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = setUp().start().whenReady({ name: 'never' }, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('stops waiting when it is closed', async () => {
    const index = setUp().start();
    const waiting = index.whenReady({ name: 'never' });
    index.close();
    await expect(waiting).rejects.toThrow('closed');
  });

  it('goes on after trouble, and tells it', async () => {
    const onTrouble = vi.fn();
    const { cluster, start } = setUp({ onTrouble });
    const reset = () => new KubernetesConnectionError('reset');
    cluster.scriptState(reset, 1);
    cluster.script(({ verb }) => verb === 'list', reset, 1);
    const index = start();
    await index.whenSynced();
    expect(onTrouble).toHaveBeenCalledTimes(1);
  });

  it('lists anew when a read shows that its watch, long silent, has missed something', async () => {
    const monotonic = vi.spyOn(systemClock, 'monotonic');
    const onChange = vi.fn();
    const { cluster, start } = setUp({ onChange });
    const index = start();
    expect(index.silentMs).toBe(Infinity);
    await index.whenSynced();
    await vi.waitFor(() => expect(cluster.watches).toHaveLength(1));
    const known = index.find({ name: 'a' });
    const missed = aFoundNode({ name: 'a', resourceVersion: '900', unschedulable: true });
    index.compare('a', missed);
    expect([index.find({ name: 'a' })?.unschedulable, cluster.watches.length]).toEqual([true, 1]);
    monotonic.mockReturnValue(performance.now() + 10_000);
    expect(index.silentMs).toBeGreaterThanOrEqual(9_000);
    // What was just read, and what is older, is no news.
    index.compare('a', missed);
    index.compare('a', known);
    expect(cluster.watches).toHaveLength(1);
    index.compare('a', undefined);
    await vi.waitFor(() => expect(cluster.watches).toHaveLength(2));
    monotonic.mockRestore();
  });

  it('takes in a node that was just patched, unless it knows a newer one', async () => {
    const index = setUp().start();
    await index.whenSynced();
    index.update(aFoundNode({ name: 'a', resourceVersion: '900', unschedulable: true }));
    expect(index.find({ name: 'a' })?.unschedulable).toBe(true);
    index.update(aFoundNode({ name: 'a', resourceVersion: '899' }));
    expect(index.find({ name: 'a' })?.unschedulable).toBe(true);
    index.update(aFoundNode({ name: 'a', resourceVersion: 'opaque' }));
    expect(index.find({ name: 'a' })?.unschedulable).toBe(false);
  });
});

describe('a listener of a node index', () => {
  /** What it was told, in order. */
  function listen() {
    const told: NodeIndexChange[] = [];
    const { cluster, start } = setUp({ onChange: (change) => told.push(change) });
    const words = () => told.map(({ type, node }) => `${type} ${node.name} ${node.uid}`);
    const began = async (index: NodeIndex) => {
      await index.whenSynced();
      await vi.waitFor(() => expect(cluster.watches).toHaveLength(1));
      return index;
    };
    const expire = () => cluster.dropWatches(refusal({ resource: 'nodes' }, 410, { reason: 'Expired' }));
    return { cluster, told, words, expire, start: () => began(start()) };
  }
  /** Comes last, so that all before it is there once it is. */
  const untilSeen = async (index: NodeIndex, name: string) =>
    vi.waitFor(() => expect(index.find({ name })).toBeDefined(), { timeout: 10_000 });

  it('is told of each node of the first list, once all are known', async () => {
    const { cluster, words, start } = listen();
    cluster.putNode({ name: 'b' });
    await start();
    expect(words()).toEqual(['set a uid-of-a', 'set b uid-of-b']);
  });

  it('is told of what comes, changes and goes', async () => {
    const { cluster, told, words, start } = listen();
    const index = await start();
    cluster.putNode({ name: 'b' });
    cluster.putNode({ name: 'b', unschedulable: true });
    cluster.removeNode('a');
    cluster.bookmark();
    cluster.putNode({ name: 'last' });
    await untilSeen(index, 'last');
    expect(words().slice(1)).toEqual([
      'set b uid-of-b',
      'set b uid-of-b',
      'removed a uid-of-a',
      'set last uid-of-last',
    ]);
    expect(told.map(({ node }) => node.unschedulable)).toEqual([false, false, true, false, false]);
  });

  it('is told that a node is gone before it is told of another of the name', async () => {
    const { cluster, words, start } = listen();
    const index = await start();
    cluster.putNode({ name: 'a', uid: 'another' });
    cluster.putNode({ name: 'last' });
    await untilSeen(index, 'last');
    expect(words().slice(1)).toEqual(['removed a uid-of-a', 'set a another', 'set last uid-of-last']);
    expect(index.find({ name: 'a' })?.uid).toBe('another');
  });

  it('is told by a later look of what the watch has missed, and of nothing else', async () => {
    const { cluster, words, expire, start } = listen();
    cluster.putNode({ name: 'b' });
    cluster.putNode({ name: 'c' });
    cluster.putNode({ name: 'd' });
    const index = await start();
    expire();
    cluster.removeNode('a');
    cluster.putNode({ name: 'c', unschedulable: true });
    cluster.removeNode('d');
    cluster.putNode({ name: 'd', uid: 'another' });
    cluster.putNode({ name: 'last' });
    await untilSeen(index, 'last');
    expect(words().slice(4)).toEqual([
      'removed a uid-of-a',
      'removed d uid-of-d',
      'set c uid-of-c',
      'set d another',
      'set last uid-of-last',
    ]);
    expect(cluster.watches.filter(({ query }) => query?.sendInitialEvents === true)).toHaveLength(2);
  });

  it('is told nothing that is older than what is known, nor what its teller knows', async () => {
    const { cluster, words, expire, start } = listen();
    const index = await start();
    index.update(aFoundNode({ name: 'a', resourceVersion: '900', unschedulable: true }));
    cluster.putNode({ name: 'a', resourceVersion: '850' });
    cluster.putNode({ name: 'between' });
    await untilSeen(index, 'between');
    expire();
    cluster.putNode({ name: 'last' });
    await untilSeen(index, 'last');
    expect(words().slice(1)).toEqual(['set between uid-of-between', 'set last uid-of-last']);
    expect(index.find({ name: 'a' })?.unschedulable).toBe(true);
  });

  it('is told of the older nodes that come back with a restored state', async () => {
    const { cluster, told, words, start } = listen();
    const index = await start();
    const restore = cluster.keepState();
    cluster.putNode({ name: 'a', unschedulable: true });
    cluster.putNode({ name: 'b' });
    await untilSeen(index, 'b');
    restore();
    await vi.waitFor(() => expect(index.find({ name: 'b' })).toBeUndefined(), { timeout: 10_000 });
    expect(index.find({ name: 'a' })?.unschedulable).toBe(false);
    expect(words().slice(3)).toEqual(['removed b uid-of-b', 'set a uid-of-a']);
    expect(told.at(-1)?.node.unschedulable).toBe(false);
  });

  it('is told of the older nodes that come back with a restored state that is past the known one again', async () => {
    const { cluster, words, start } = listen();
    const index = await start();
    const restore = cluster.keepState();
    cluster.putNode({ name: 'a', unschedulable: true });
    await vi.waitFor(() => expect(index.find({ name: 'a' })?.unschedulable).toBe(true));
    cluster.script(
      ({ verb }) => verb === 'list',
      () => new KubernetesConnectionError('refused'),
      1,
    );
    restore();
    for (const name of ['b', 'c', 'd']) cluster.putNode({ name });
    await untilSeen(index, 'd');
    expect(index.find({ name: 'a' })?.unschedulable).toBe(false);
    expect(words().slice(2)).toEqual(['set a uid-of-a', 'set b uid-of-b', 'set c uid-of-c', 'set d uid-of-d']);
  });

  it('is told at once of another node of the name that somebody has read, and not again by the watch', async () => {
    const { cluster, words, start } = listen();
    const index = await start();
    const another = aFoundNode({ name: 'a', uid: 'another', resourceVersion: '900' });
    index.compare('a', another);
    expect(words().slice(1)).toEqual(['removed a uid-of-a', 'set a another']);
    cluster.removeNode('a');
    cluster.putNode({ name: 'a', uid: 'another', resourceVersion: '900' });
    cluster.putNode({ name: 'last' });
    await untilSeen(index, 'last');
    expect(words().slice(3)).toEqual(['set last uid-of-last']);
    expect(index.find({ name: 'a' })?.uid).toBe('another');
  });

  it('stays away when the answer to a patch comes after the node is gone', async () => {
    const { cluster, start } = listen();
    const index = await start();
    const answered = aFoundNode({ name: 'a', resourceVersion: '102' });
    cluster.removeNode('a');
    await vi.waitFor(() => expect(index.size).toBe(0));
    index.update(answered);
    expect(index.size).toBe(0);
    // Made anew under the same name it is another.
    cluster.putNode({ name: 'a', uid: 'another' });
    await untilSeen(index, 'a');
    expect(index.find({ name: 'a' })?.uid).toBe('another');
  });

  it('that throws is told of all the same, and the trouble is told', async () => {
    const failure = new Error('no');
    const onTrouble = vi.fn();
    const onChange = vi.fn(() => {
      throw failure;
    });
    const { cluster, start } = setUp({ onChange, onTrouble });
    cluster.putNode({ name: 'b' });
    const index = start();
    await index.whenSynced();
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(onTrouble.mock.calls).toEqual([[failure], [failure]]);
    expect(index.size).toBe(2);
  });
});
