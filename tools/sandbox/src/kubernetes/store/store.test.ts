import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../object/object.ts';
import { Store } from './store.ts';
import type { Change } from './store.ts';

function object(name: string, fields: Record<string, unknown> = {}, namespace?: string): KubernetesObject {
  const metadata = {
    name,
    uid: name,
    resourceVersion: '',
    creationTimestamp: '',
    ...(namespace === undefined ? {} : { namespace }),
  };
  return { kind: 'Pod', apiVersion: 'v1', metadata, ...fields };
}

function names(objects: readonly KubernetesObject[] | undefined): readonly string[] | undefined {
  return objects?.map(({ metadata }) => metadata.name);
}

describe('Store', () => {
  it('gives every change the next revision and tells of it', () => {
    const store = new Store({ historyLimit: 10 });
    const told: Change[] = [];
    const stop = store.onChange((change) => told.push(change));
    const before = store.revision;
    store.put('pods', object('a'));
    store.put('pods', object('a', { spec: 1 }));
    store.remove('pods', 'a');
    stop();
    store.put('pods', object('b'));
    expect(told.map(({ type, revision }) => [type, revision - before])).toEqual([
      ['ADDED', 1],
      ['MODIFIED', 2],
      ['DELETED', 3],
    ]);
    expect(told.map((change) => Number(change.object.metadata.resourceVersion) - before)).toEqual([1, 2, 3]);
  });

  it('removes nothing where there is nothing', () => {
    const store = new Store({ historyLimit: 10 });
    expect(store.remove('pods', 'a')).toBeUndefined();
    expect(store.revision).toBe(1);
  });

  it('finds pods by namespace and by node, also after they moved', () => {
    const store = new Store({ historyLimit: 10 });
    store.put('pods', object('b', { spec: { nodeName: 'n1' } }, 'x'));
    store.put('pods', object('a', { spec: { nodeName: 'n1' } }, 'y'));
    store.put('pods', object('c', {}, 'y'));
    expect(names(store.list('pods'))).toEqual(['b', 'a', 'c']);
    expect(names(store.list('pods', { namespace: 'y' }))).toEqual(['a', 'c']);
    expect(names(store.list('pods', { nodeName: 'n1' }))).toEqual(['b', 'a']);
    expect(names(store.list('pods', { nodeName: 'n1', namespace: 'y' }))).toEqual(['a']);
    store.put('pods', object('a', { spec: { nodeName: 'n2' } }, 'y'));
    store.remove('pods', 'x/b');
    expect(names(store.list('pods', { nodeName: 'n1' }))).toEqual([]);
    expect(names(store.list('pods', { nodeName: 'n2' }))).toEqual(['a']);
    expect(names(store.list('pods', { namespace: 'x' }))).toEqual([]);
  });

  it('forgets old changes beyond its limit, and says from where it remembers', () => {
    const store = new Store({ historyLimit: 3 });
    for (let count = 0; count < 7; count++) store.put('pods', object('a', { count }));
    const floor = store.floor('pods');
    expect(floor).toBeGreaterThan(1);
    expect(store.changesAfter('pods', floor - 1)).toBeUndefined();
    expect(store.changesAfter('pods', floor)).toHaveLength(store.revision - floor);
    expect(store.listAt('pods', floor - 1)).toBeUndefined();
  });

  it('forgets everything when it is compacted, but not the present', () => {
    const store = new Store({ historyLimit: 100 });
    store.put('pods', object('a'));
    const before = store.revision;
    store.put('pods', object('b'));
    store.compact();
    expect(store.changesAfter('pods', before)).toBeUndefined();
    expect(store.changesAfter('pods', store.revision)).toEqual([]);
    expect(names(store.listAt('pods', store.revision))).toEqual(['a', 'b']);
  });

  it('tells what was true at any revision that it remembers', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), remove: fc.boolean(), value: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new Store({ historyLimit: 100 });
        const seen = new Map<number, string>([[store.revision, '[]']]);
        for (const { key, remove, value } of steps) {
          if (remove) store.remove('pods', key);
          else store.put('pods', object(key, { value }));
          seen.set(store.revision, JSON.stringify(store.list('pods')));
        }
        for (const [revision, snapshot] of seen) expect(JSON.stringify(store.listAt('pods', revision))).toBe(snapshot);
      }),
    );
  });

  it('replays to the present from any revision that it remembers', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, at) => {
        const store = new Store({ historyLimit: 100 });
        for (const { key, remove } of steps) {
          if (remove) store.remove('pods', key);
          else store.put('pods', object(key));
        }
        const from = Math.min(1 + at, store.revision);
        const replayed = new Map((store.listAt('pods', from) ?? []).map((one) => [one.metadata.name, one]));
        for (const { type, object: one } of store.changesAfter('pods', from) ?? []) {
          if (type === 'DELETED') replayed.delete(one.metadata.name);
          else replayed.set(one.metadata.name, one);
        }
        expect([...replayed.keys()].sort()).toEqual(names(store.list('pods')));
      }),
    );
  });
});
