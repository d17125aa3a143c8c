import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';
import { openWatch } from './testing/watching.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const merge = 'application/merge-patch+json';

describe(`watches on the ${subject.kind}`, () => {
  let namespace: string;
  let maps: string;
  beforeEach(async () => {
    namespace = await subject.createNamespace();
    maps = `/api/v1/namespaces/${namespace}/configmaps`;
  });
  const ours = { fieldSelector: 'metadata.name!=kube-root-ca.crt' };
  const create = async (name: string, labels: Record<string, string> = {}) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } };
    const response = await subject.admin.request('POST', maps, { body });
    expect(response.status).toBe(201);
    return response.body as WireObject;
  };
  const label = async (name: string, labels: Record<string, string | null>) =>
    subject.admin.request('PATCH', `${maps}/${name}`, { contentType: merge, body: { metadata: { labels } } });
  const remove = async (name: string) => subject.admin.request('DELETE', `${maps}/${name}`);
  const version = async (path = maps) => {
    const response = await subject.admin.request('GET', path);
    return (response.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  };

  it('tell of every change after a version, in order', async () => {
    const resourceVersion = await version();
    await create('one');
    await label('one', { a: 'b' });
    await using watch = await openWatch(subject, maps, { resourceVersion, ...ours });
    await remove('one');
    expect(watch.status).toBe(200);
    expect(await watch.take(3)).toEqual(['ADDED one', 'MODIFIED one', 'DELETED one']);
  });

  it('give the whole object with its kind, the last one as it was when it was deleted', async () => {
    const resourceVersion = await version();
    const made = await create('one', { a: 'b' });
    await remove('one');
    await using watch = await openWatch(subject, maps, { resourceVersion, ...ours });
    expect(await watch.next()).toMatchObject({
      type: 'ADDED',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: made.metadata.resourceVersion } },
    });
    const deleted = await watch.next();
    expect(deleted).toMatchObject({
      type: 'DELETED',
      object: { metadata: { uid: made.metadata.uid, labels: { a: 'b' } } },
    });
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
  });

  it('without a version begin with what is there', async () => {
    await create('one');
    await create('two');
    await using watch = await openWatch(subject, maps, ours);
    expect([...(await watch.take(2))].sort()).toEqual(['ADDED one', 'ADDED two']);
    await create('three');
    expect(await watch.take(1)).toEqual(['ADDED three']);
  });

  it('see an object come into their selector and leave it', async () => {
    await create('one', { app: 'x' });
    const resourceVersion = await version();
    await using watch = await openWatch(subject, maps, { resourceVersion, labelSelector: 'app=y' });
    await label('one', { app: 'y' });
    await label('one', { other: 'z' });
    await label('one', { app: 'x' });
    await label('one', { app: 'y' });
    await remove('one');
    expect(await watch.take(5)).toEqual(['ADDED one', 'MODIFIED one', 'DELETED one', 'ADDED one', 'DELETED one']);
  });

  it('of the pods of a node, everywhere', async () => {
    const node = await subject.createNode();
    const fieldSelector = `spec.nodeName=${node.metadata.name}`;
    const resourceVersion = await version('/api/v1/pods');
    await using watch = await openWatch(subject, '/api/v1/pods', { resourceVersion, fieldSelector });
    await subject.createPod(namespace, { name: 'elsewhere' });
    const pod = await subject.createPod(namespace, {
      name: 'here',
      node: node.metadata.name,
      graceSeconds: 5,
      endsAfterSeconds: 1,
    });
    await subject.admin.request('DELETE', `/api/v1/namespaces/${namespace}/pods/here`);
    const seen: string[] = [];
    for (;;) {
      const event = await watch.next();
      expect(event?.object.metadata).toMatchObject({ name: 'here', uid: pod.metadata.uid });
      seen.push(event!.type);
      if (event!.type === 'DELETED') break;
    }
    expect(seen[0]).toBe('ADDED');
    expect(new Set(seen.slice(1, -1))).toEqual(new Set(['MODIFIED']));
  });

  it('send bookmarks to those who want them, at the latest before they end, when others changed meanwhile', async () => {
    const resourceVersion = await version();
    await using watch = await openWatch(subject, maps, {
      resourceVersion,
      fieldSelector: 'metadata.name=nothing',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '8',
    });
    await create('another');
    const event = await watch.nextOfAny();
    expect(event).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
    expect(Number(event?.object.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    expect(event?.object.metadata.name).toBeUndefined();
    while ((await watch.nextOfAny()) !== undefined);
  });

  it('end by themselves, without an error, after timeoutSeconds', async () => {
    await using watch = await openWatch(subject, maps, { resourceVersion: await version(), timeoutSeconds: '1' });
    expect(await watch.next()).toBeUndefined();
  });

  it('begin with the state and a bookmark that marks its end, with sendInitialEvents', async () => {
    await create('one');
    await using watch = await openWatch(subject, maps, {
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      ...ours,
    });
    expect(await watch.take(1)).toEqual(['ADDED one']);
    expect(await watch.nextOfAny()).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await create('two');
    expect(await watch.take(1)).toEqual(['ADDED two']);
  });

  it('refuse sendInitialEvents without resourceVersionMatch: 422', async () => {
    const response = await subject.admin.request(
      'GET',
      `${maps}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true`,
    );
    expect(response).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it('from a version older than the history say 410 Expired', async () => {
    // Core events are not kept in the real server's watch cache, so etcd's history is what counts for them.
    const events = `/api/v1/namespaces/${namespace}/events`;
    const before = await version(events);
    for (const name of ['e1', 'e2']) {
      const involvedObject = { kind: 'ConfigMap', namespace, name: 'one' };
      const body = { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject, reason: 'Test' };
      expect((await subject.admin.request('POST', events, { body })).status).toBe(201);
    }
    await subject.expireHistory();
    await using watch = await openWatch(subject, events, { resourceVersion: before });
    if (watch.status === 410) return;
    expect(watch.status).toBe(200);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: failure(410, 'Expired') });
    expect(await watch.next()).toBeUndefined();
  });

  it('go on where another one ended', async () => {
    await create('one');
    let resourceVersion: string;
    {
      await using first = await openWatch(subject, maps, ours);
      resourceVersion = (await first.next())!.object.metadata.resourceVersion;
    }
    await create('two');
    await using second = await openWatch(subject, maps, { resourceVersion, ...ours });
    expect(await second.take(1)).toEqual(['ADDED two']);
  });

  it('refuse a version that is none', async () => {
    const response = await subject.admin.request('GET', `${maps}?watch=1&resourceVersion=abc`);
    expect(response.status).toBe(500);
    expect((response.body as { message: string }).message).toContain('resourceVersion: Invalid value: "abc"');
  });

  it('may be many: each of a hundred sees every change', async () => {
    const resourceVersion = await version();
    const open = Array.from({ length: 100 }, async () => openWatch(subject, maps, { resourceVersion, ...ours }));
    const watches = await Promise.all(open);
    try {
      await create('one');
      await remove('one');
      const seen = await Promise.all(watches.map(async (watch) => watch.take(2)));
      for (const words of seen) expect(words).toEqual(['ADDED one', 'DELETED one']);
    } finally {
      await Promise.all(watches.map(async (watch) => watch[Symbol.asyncDispose]()));
    }
  });

  it('carry only metadata when asked so', async () => {
    await create('one');
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    const stop = new AbortController();
    const { events } = await subject.admin.watch(`${maps}?watch=1&fieldSelector=metadata.name%3Done`, {
      headers: { accept },
      signal: stop.signal,
    });
    const { value } = await events[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({
      type: 'ADDED',
      object: { kind: 'PartialObjectMetadata', metadata: { name: 'one' } },
    });
    expect(value).not.toHaveProperty('object.data');
    stop.abort();
  });
});
