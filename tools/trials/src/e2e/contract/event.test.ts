import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const core = (namespace: string) => `/api/v1/namespaces/${namespace}/events`;
const modern = (namespace: string) => `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;

describe(`events on the ${subject.kind}`, () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await subject.createNamespace();
  });
  const coreEvent = (fields: Record<string, unknown> = {}) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: freshName('event'), annotations: { 'instance-id': 'i-1' } },
    involvedObject: { kind: 'Pod', namespace, name: 'some-pod', uid: 'u' },
    reason: 'PodEviction',
    message: 'evicted',
    type: 'Normal',
    source: { component: 'contract' },
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    count: 1,
    ...fields,
  });
  const modernEvent = (fields: Record<string, unknown> = {}) => ({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: freshName('event') },
    eventTime: '2026-01-02T03:04:05.000006Z',
    reportingController: 'example.com/contract',
    reportingInstance: 'one',
    action: 'Evicting',
    reason: 'PodEviction',
    regarding: { kind: 'Pod', namespace, name: 'some-pod', uid: 'u' },
    note: 'evicted',
    type: 'Normal',
    ...fields,
  });
  const post = async (path: string, body: unknown) => subject.admin.request('POST', path, { body });

  it('of the core group keep their annotations and are found by what they are about', async () => {
    const about = freshName('pod');
    const event = coreEvent({ involvedObject: { kind: 'Pod', namespace, name: about, uid: 'u-1' } });
    expect(await post(core(namespace), event)).toMatchObject({
      status: 201,
      body: { metadata: { annotations: { 'instance-id': 'i-1' } } },
    });
    for (const selector of [
      `involvedObject.name=${about}`,
      `involvedObject.name=${about},involvedObject.kind=Pod,type=Normal`,
      `involvedObject.name=${about},reason=PodEviction`,
    ]) {
      const path = `${core(namespace)}?fieldSelector=${encodeURIComponent(selector)}`;
      const { body } = await subject.admin.request('GET', path);
      expect((body as { items: unknown[] }).items).toHaveLength(1);
    }
    const other = `${core(namespace)}?fieldSelector=${encodeURIComponent(`involvedObject.name=${about},type=Warning`)}`;
    expect((await subject.admin.request('GET', other)).body).toMatchObject({ items: [] });
  });

  it('about a node live in the namespace default', async () => {
    const node = { kind: 'Node', name: 'some-node', uid: 'some-node' };
    expect((await post(core('default'), coreEvent({ involvedObject: node }))).status).toBe(201);
    const wrong = await post(core(namespace), coreEvent({ involvedObject: node }));
    expect(wrong).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it('about a pod live in its namespace', async () => {
    const response = await post(core('default'), coreEvent());
    expect(response).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it('of events.k8s.io can be read in the core group, as kubectl describe does', async () => {
    const event = modernEvent();
    expect(await post(modern(namespace), event)).toMatchObject({ status: 201, body: { note: 'evicted' } });
    const response = await subject.admin.request('GET', `${core(namespace)}/${event.metadata.name}`);
    expect(response).toMatchObject({
      status: 200,
      body: {
        involvedObject: { kind: 'Pod', name: 'some-pod' },
        message: 'evicted',
        reason: 'PodEviction',
        reportingComponent: 'example.com/contract',
        reportingInstance: 'one',
        eventTime: '2026-01-02T03:04:05.000006Z',
      },
    });
  });

  it('of the core group can be read in events.k8s.io', async () => {
    const event = coreEvent();
    await post(core(namespace), event);
    expect(await subject.admin.request('GET', `${modern(namespace)}/${event.metadata.name}`)).toMatchObject({
      status: 200,
      body: {
        regarding: { kind: 'Pod', name: 'some-pod' },
        note: 'evicted',
        deprecatedCount: 1,
        deprecatedSource: { component: 'contract' },
      },
    });
  });

  it.each([
    ['no time', { eventTime: null }],
    ['no controller', { reportingController: '' }],
    ['no instance', { reportingInstance: '' }],
    ['no action', { action: '' }],
    ['no reason', { reason: '' }],
    ['a type of its own', { type: 'Strange' }],
    ['a note of more than 1 KiB', { note: 'x'.repeat(1025) }],
    ['a reason of more than 128 characters', { reason: 'x'.repeat(129) }],
  ])('of events.k8s.io with %s are refused: 422', async (_what, fields) => {
    expect(await post(modern(namespace), modernEvent(fields))).toMatchObject({
      status: 422,
      body: failure(422, 'Invalid'),
    });
  });

  it('become a series by a patch', async () => {
    const event = modernEvent();
    const made = (await post(modern(namespace), event)).body as WireObject;
    const series = { count: 2, lastObservedTime: '2026-01-02T03:05:05.000000Z' };
    const response = await subject.admin.request('PATCH', `${modern(namespace)}/${made.metadata.name}`, {
      contentType: 'application/strategic-merge-patch+json',
      body: { series },
    });
    expect(response).toMatchObject({ status: 200, body: { series } });
  });

  it('of the core group count up by a patch', async () => {
    const event = coreEvent();
    await post(core(namespace), event);
    const response = await subject.admin.request('PATCH', `${core(namespace)}/${event.metadata.name}`, {
      contentType: 'application/strategic-merge-patch+json',
      body: { count: 2, lastTimestamp: '2026-01-02T03:06:05Z' },
    });
    expect(response).toMatchObject({ status: 200, body: { count: 2, lastTimestamp: '2026-01-02T03:06:05Z' } });
  });
});
