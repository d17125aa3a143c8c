import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const userTaint = { key: 'example.com/user', value: 'a', effect: 'NoSchedule' };
const ourTaint = { key: 'example.com/ours', value: 'b', effect: 'NoExecute' };

describe(`patches on the ${subject.kind}`, () => {
  let node: WireObject;
  let path: string;
  beforeEach(async () => {
    node = await subject.createNode({ labels: { 'example.com/a': '1' }, taints: [userTaint] });
    path = `/api/v1/nodes/${node.metadata.name}`;
  });
  const patch = async (contentType: string, body: unknown, suffix = '') =>
    subject.admin.request('PATCH', `${path}${suffix}`, { contentType, body });
  const current = async () => (await subject.admin.request('GET', path)).body;

  describe('JSON Patch', () => {
    it('changes what it says in one step, and the resource version with it', async () => {
      const response = await patch(jsonPatch, [
        { op: 'test', path: '/metadata/uid', value: node.metadata.uid },
        { op: 'test', path: '/spec/taints', value: [userTaint] },
        { op: 'add', path: '/spec/unschedulable', value: true },
        { op: 'add', path: '/spec/taints/-', value: ourTaint },
        { op: 'add', path: '/metadata/labels/example.com~1event-id', value: 'x' },
      ]);
      expect(response).toMatchObject({
        status: 200,
        body: { spec: { unschedulable: true, taints: expect.arrayContaining([userTaint, ourTaint]) } },
      });
      expect(response.body).toMatchObject({
        metadata: { labels: { 'example.com/a': '1', 'example.com/event-id': 'x' } },
      });
      expect((response.body as WireObject).metadata.resourceVersion).not.toBe(node.metadata.resourceVersion);
    });

    it('changes nothing when a test fails: 422', async () => {
      const response = await patch(jsonPatch, [
        { op: 'add', path: '/spec/unschedulable', value: true },
        { op: 'test', path: '/metadata/uid', value: 'another' },
      ]);
      expect(response).toMatchObject({
        status: 422,
        body: {
          ...failure(422, 'Invalid'),
          message: 'the server rejected our request due to an error in our request',
          details: {},
        },
      });
      expect(await current()).not.toHaveProperty('spec.unschedulable');
    });

    it('fails a test of what is not there: 422', async () => {
      const operations = [{ op: 'test', path: '/metadata/labels/example.com~1none', value: 'x' }];
      expect(await patch(jsonPatch, operations)).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
    });

    it('takes a test for null as a test for absence', async () => {
      const operations = [{ op: 'test', path: '/spec/unschedulable', value: null }];
      expect(await patch(jsonPatch, operations)).toMatchObject({ status: 200 });
    });

    it('refuses to remove what is not there: 422, but a replacement adds it', async () => {
      const missing = { path: '/metadata/labels/example.com~1none', value: 'x' };
      const removed = await patch(jsonPatch, [{ op: 'remove', ...missing }]);
      expect(removed).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
      const replaced = await patch(jsonPatch, [{ op: 'replace', ...missing }]);
      expect(replaced).toMatchObject({ status: 200, body: { metadata: { labels: { 'example.com/none': 'x' } } } });
    });

    it('refuses to add below what is not there: 422', async () => {
      const operations = [{ op: 'add', path: '/metadata/annotations2/x', value: 'y' }];
      expect(await patch(jsonPatch, operations)).toMatchObject({ status: 422 });
    });

    it('is refused when it is not a list of operations: 400', async () => {
      expect(await patch(jsonPatch, { op: 'add' })).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
      expect(await patch(jsonPatch, '[{')).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
    });

    it('may test the resource version, too', async () => {
      const test = (value: string) => [
        { op: 'test', path: '/metadata/resourceVersion', value },
        { op: 'add', path: '/metadata/labels/x', value: 'y' },
      ];
      expect(await patch(jsonPatch, test('1'))).toMatchObject({ status: 422 });
      expect(await patch(jsonPatch, test(node.metadata.resourceVersion))).toMatchObject({ status: 200 });
    });

    it('is refused when all annotations together are longer than 256 KiB: 422, with the cause that says so', async () => {
      const key = 'example.com/long';
      const put = (bytes: number) => [
        { op: 'add', path: '/metadata/annotations', value: { [key]: 'x'.repeat(bytes - key.length) } },
      ];
      const refused = await patch(jsonPatch, put(256 * 1024 + 1));
      expect(refused).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
      const cause = { reason: 'FieldValueTooLong', field: 'metadata.annotations' };
      expect(refused).toHaveProperty('body.details.causes', [expect.objectContaining(cause)]);
      expect(await patch(jsonPatch, put(256 * 1024))).toMatchObject({ status: 200 });
    });

    it('conflicts when it writes another resource version: 409', async () => {
      const operations = [{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }];
      expect(await patch(jsonPatch, operations)).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
    });
  });

  describe('merge patch', () => {
    it('replaces lists, merges maps and removes what is null', async () => {
      const response = await patch(mergePatch, {
        metadata: { labels: { 'example.com/a': null, 'example.com/b': '2' } },
        spec: { unschedulable: true, taints: [ourTaint] },
      });
      expect(response).toMatchObject({
        status: 200,
        body: { metadata: { labels: { 'example.com/b': '2' } }, spec: { unschedulable: true } },
      });
      expect(response.body).not.toHaveProperty(['metadata', 'labels', 'example.com/a']);
      const { taints } = (response.body as WireObject).spec as { taints: unknown[] };
      expect(taints).toContainEqual(ourTaint);
      expect(taints).not.toContainEqual(userTaint);
    });

    it('conflicts on another resource version: 409, in the words clients look for', async () => {
      const response = await patch(mergePatch, { metadata: { resourceVersion: '1', labels: { x: 'y' } } });
      expect(response).toMatchObject({
        status: 409,
        body: {
          ...failure(409, 'Conflict'),
          message: `Operation cannot be fulfilled on nodes "${node.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
          details: { name: node.metadata.name, kind: 'nodes' },
        },
      });
    });

    it('is invalid with another uid: 422', async () => {
      const response = await patch(mergePatch, { metadata: { uid: 'another', labels: { x: 'y' } } });
      expect(response).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
    });

    it('is a success without a new version when nothing changes', async () => {
      const response = await patch(mergePatch, { metadata: { labels: { 'example.com/a': '1' } } });
      expect(response).toMatchObject({
        status: 200,
        body: { metadata: { resourceVersion: node.metadata.resourceVersion } },
      });
    });

    it('does not reach the status, nor the status subresource the spec', async () => {
      const body = { spec: { unschedulable: true }, status: { phase: 'Terminated' } };
      const plain = await patch(mergePatch, body);
      expect(plain).toMatchObject({ status: 200, body: { spec: { unschedulable: true } } });
      expect(plain.body).not.toMatchObject({ status: { phase: 'Terminated' } });
      const status = await patch(
        mergePatch,
        { spec: { unschedulable: null }, status: { phase: 'Terminated' } },
        '/status',
      );
      expect(status).toMatchObject({
        status: 200,
        body: { spec: { unschedulable: true }, status: { phase: 'Terminated' } },
      });
    });
  });

  describe('strategic merge patch', () => {
    it('replaces taints as a whole: they have no merge key', async () => {
      const response = await patch(strategicPatch, { spec: { taints: [ourTaint] } });
      const { taints } = (response.body as WireObject).spec as { taints: unknown[] };
      expect(taints).toContainEqual(ourTaint);
      expect(taints).not.toContainEqual(userTaint);
    });

    it('merges conditions by type', async () => {
      const condition = { type: 'Example', status: 'True', reason: 'Because' };
      const response = await patch(strategicPatch, { status: { conditions: [condition] } }, '/status');
      expect(response.status).toBe(200);
      const { conditions } = (response.body as WireObject).status as { conditions: { type: string }[] };
      expect(conditions).toContainEqual(expect.objectContaining(condition));
      expect(conditions.map(({ type }) => type)).toContain('Ready');
    });

    it('puts a condition on a pod beside the others, and on no other pod of its name', async () => {
      const namespace = await subject.createNamespace();
      const { name, uid } = (await subject.createPod(namespace, { node: node.metadata.name })).metadata;
      const pod = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'Because' };
      const say = async (of: string) =>
        subject.admin.request('PATCH', pod, {
          contentType: strategicPatch,
          body: { metadata: { uid: of }, status: { conditions: [condition] } },
        });
      const before = types((await subject.admin.request('GET', pod)).body);
      expect(await say('another')).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
      const said = await say(uid);
      expect(said.status).toBe(200);
      expect([...types(said.body)].sort()).toEqual([...before, 'DisruptionTarget'].sort());
    });

    it('removes from a list by $patch: delete, and replaces one by $patch: replace', async () => {
      const add = { status: { conditions: [{ type: 'Example', status: 'True' }] } };
      await patch(strategicPatch, add, '/status');
      const remove = { status: { conditions: [{ type: 'Example', $patch: 'delete' }] } };
      const removed = await patch(strategicPatch, remove, '/status');
      expect(types(removed.body)).not.toContain('Example');
      expect(types(removed.body)).toContain('Ready');
      const replace = { status: { conditions: [{ type: 'Ready', status: 'True' }, { $patch: 'replace' }] } };
      expect(types((await patch(strategicPatch, replace, '/status')).body)).toEqual(['Ready']);
    });

    it('of a status applies to the node and the state that it names, or not at all', async () => {
      const status = { conditions: [{ type: 'Drained', status: 'True', reason: 'Example' }] };
      const { uid, resourceVersion } = node.metadata;
      const another = { metadata: { uid: 'another' }, status };
      expect((await patch(strategicPatch, another, '/status')).status).toBe(422);
      await patch(strategicPatch, { metadata: { labels: { 'example.com/newer': 'x' } } });
      for (const metadata of [
        { uid, resourceVersion },
        { uid: 'another', resourceVersion },
      ]) {
        const older = await patch(strategicPatch, { metadata, status }, '/status');
        expect(older).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
      }
      const { metadata } = (await current()) as WireObject;
      const now = { metadata: { uid, resourceVersion: metadata.resourceVersion }, status };
      const response = await patch(strategicPatch, now, '/status');
      expect(response.status).toBe(200);
      expect(types(response.body)).toContain('Drained');
    });

    it('of a status as a kubelet sends it, which knows its own conditions alone, leaves the others', async () => {
      const drained = { type: 'Drained', status: 'True', reason: 'Example' };
      await patch(strategicPatch, { status: { conditions: [drained] } }, '/status');
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        lastHeartbeatTime: '2026-03-01T00:00:00Z',
      };
      const order = [{ type: 'MemoryPressure' }, { type: 'Ready' }];
      const kubelets = { status: { '$setElementOrder/conditions': order, conditions: [ready] } };
      const response = await patch(strategicPatch, kubelets, '/status');
      expect(response.status).toBe(200);
      const { conditions } = (response.body as WireObject).status as { conditions: unknown[] };
      expect(conditions).toContainEqual(expect.objectContaining(drained));
      expect(conditions).toContainEqual(expect.objectContaining(ready));
    });

    it('removes what is null', async () => {
      const response = await patch(strategicPatch, { metadata: { labels: { 'example.com/a': null } } });
      expect(response.body).not.toHaveProperty(['metadata', 'labels', 'example.com/a']);
    });
  });

  it('must be of a type the server knows: 415', async () => {
    for (const type of ['application/json', 'text/plain']) {
      const response = await patch(type, { metadata: {} });
      expect(response).toMatchObject({ status: 415, body: failure(415, 'UnsupportedMediaType') });
    }
  });

  it('of something that is not there: 404', async () => {
    const response = await subject.admin.request('PATCH', '/api/v1/nodes/no-such-node', {
      contentType: mergePatch,
      body: {},
    });
    expect(response).toMatchObject({
      status: 404,
      body: {
        ...failure(404, 'NotFound'),
        message: 'nodes "no-such-node" not found',
        details: { name: 'no-such-node', kind: 'nodes' },
      },
    });
  });

  it('writes nothing with dryRun=All, but answers as if it had', async () => {
    const response = await patch(mergePatch, { spec: { unschedulable: true } }, '?dryRun=All');
    expect(response).toMatchObject({ status: 200, body: { spec: { unschedulable: true } } });
    expect(await current()).toMatchObject({ metadata: { resourceVersion: node.metadata.resourceVersion } });
    const wrong = await patch(mergePatch, {}, '?dryRun=Some');
    expect(wrong).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it.each([
    ['a label value with a space', { metadata: { labels: { a: 'b c' } } }, 'metadata.labels'],
    ['a label value of 64 characters', { metadata: { labels: { a: 'x'.repeat(64) } } }, 'metadata.labels'],
    ['a label key with two slashes', { metadata: { labels: { 'a/b/c': 'd' } } }, 'metadata.labels'],
    ['an unknown taint effect', { spec: { taints: [{ key: 'a', effect: 'Never' }] } }, 'metadata.taints[0].effect'],
    [
      'a taint value with a slash',
      { spec: { taints: [{ key: 'a', value: 'b/c', effect: 'NoSchedule' }] } },
      'metadata.taints[0].value',
    ],
    [
      'the same taint twice',
      {
        spec: {
          taints: [
            { key: 'a', value: '1', effect: 'NoSchedule' },
            { key: 'a', value: '2', effect: 'NoSchedule' },
          ],
        },
      },
      'metadata.taints[1]',
    ],
    ['an annotation key with a space', { metadata: { annotations: { 'a b': 'c' } } }, 'metadata.annotations'],
  ])('refuses %s: 422 that names the field', async (_what, body, field) => {
    const response = await patch(mergePatch, body);
    expect(response).toMatchObject({
      status: 422,
      body: { ...failure(422, 'Invalid'), details: { name: node.metadata.name, kind: 'Node' } },
    });
    expect(causes(response.body)).toContain(field);
    expect((response.body as { message: string }).message).toContain(
      `Node "${node.metadata.name}" is invalid: ${field}`,
    );
  });

  it('refuses a field of the wrong type: 422', async () => {
    const response = await patch(mergePatch, { spec: { unschedulable: 'yes' } });
    expect(response).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it('refuses to change the name: 400', async () => {
    const response = await patch(mergePatch, { metadata: { name: 'another' } });
    expect(response).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
  });

  it('of fifty writers at once loses none of them', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `example.com/w${index}`);
    const responses = await Promise.all(
      names.map(async (name) => patch(mergePatch, { metadata: { labels: { [name]: 'x' } } })),
    );
    // A server under this much contention may give up on some; those are told so, and the others are all there.
    const written = names.filter((_, index) => responses[index]?.status === 200);
    for (const { status } of responses) expect([200, 409]).toContain(status);
    expect(written.length).toBeGreaterThan(0);
    const { labels = {} } = ((await current()) as WireObject).metadata;
    for (const name of written) expect(labels).toHaveProperty([name], 'x');
  });
});

function causes(body: unknown): readonly string[] {
  return (body as { details: { causes: { field: string }[] } }).details.causes.map(({ field }) => field);
}

function types(body: unknown): readonly string[] {
  const { conditions } = (body as WireObject).status as { conditions: { type: string }[] };
  return conditions.map(({ type }) => type);
}
