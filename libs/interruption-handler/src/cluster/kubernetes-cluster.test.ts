import { Deadline } from '@node-termination-handler/clock';
import { createNodeIndex, KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, DrainProgress, Node, NodeChange, StatusCause } from '@node-termination-handler/node-drainer';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryClient } from '../testing/api-server.ts';
import type { ClusterNode } from './cluster.ts';
import { createKubernetesCluster } from './kubernetes-cluster.ts';

const signal = new AbortController().signal;
const INSTANCE = 'i-0123456789abcdef0';
const MARK: NodeChange = {
  unschedulable: true,
  taints: { own: ['nth/spot'], set: [{ key: 'nth/spot', value: 'spot-1', effect: 'NoExecute' }] },
  labels: { a: 'b' },
  annotations: { record: '{}', claim: null },
};

let client: MemoryClient;
beforeEach(() => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', uid: 'uid-1', resourceVersion: '1', labels: {}, annotations: { claim: 'theirs' } },
    spec: { providerID: `aws:///eu-west-1a/${INSTANCE}` },
  };
  client = new MemoryClient(node);
});

const calls = (verb: ApiCall['verb']): readonly ApiCall[] => client.calls.filter((call) => call.verb === verb);

async function found(): Promise<ClusterNode> {
  const [node] = await createKubernetesCluster(client).find({ name: 'node-1' }, signal);
  if (node === undefined) throw new Error('the node is not found');
  return node;
}

describe('a real cluster', () => {
  it('finds nodes by name and by instance', async () => {
    const cluster = createKubernetesCluster(client);
    expect(cluster.silentMs).toBe(Infinity);
    expect(await cluster.find({ name: 'node-1' }, signal)).toMatchObject([{ uid: 'uid-1', instanceId: INSTANCE }]);
    expect(await cluster.find({ name: '', instanceId: INSTANCE }, signal)).toMatchObject([{ uid: 'uid-1' }]);
    expect(await cluster.find({ instanceId: 'i-0aaaaaaaaaaaaaaaa' }, signal)).toEqual([]);
  });

  it('asks for the name alone where that is enough, and for all nodes where it is another’s', async () => {
    const cluster = createKubernetesCluster(client);
    await cluster.find({ name: 'node-1', instanceId: INSTANCE }, signal);
    expect(client.calls.map(({ verb }) => verb)).toEqual(['get']);
    await cluster.find({ name: 'node-1', instanceId: 'i-0aaaaaaaaaaaaaaaa' }, signal);
    expect(client.calls.map(({ verb }) => verb)).toContain('list');
  });

  it('reads a node anew, and says when it is gone', async () => {
    const cluster = createKubernetesCluster(client);
    expect(await cluster.read('node-1', signal)).toMatchObject({ uid: 'uid-1' });
    expect(await cluster.read('node-2', signal)).toBeUndefined();
  });

  it('changes all in one patch, and says how the node was before', async () => {
    const cluster = createKubernetesCluster(client);
    const changed = await cluster.change(await found(), () => MARK, signal);
    expect(changed).toMatchObject({
      status: 'changed',
      withoutAnnotations: false,
      before: { unschedulable: false, annotations: { claim: 'theirs' } },
      node: { unschedulable: true, labels: { a: 'b' }, annotations: { record: '{}' } },
    });
    expect(calls('patch')).toHaveLength(1);
    expect(client.node.spec).toMatchObject({ unschedulable: true, taints: [{ key: 'nth/spot', value: 'spot-1' }] });
    expect(client.node.metadata?.annotations).toEqual({ record: '{}' });
  });

  it('tests what the change rests on', async () => {
    await createKubernetesCluster(client).change(await found(), () => MARK, signal);
    const tests = (calls('patch')[0]!.body as readonly { op: string; path: string; value?: unknown }[]).filter(
      ({ op }) => op === 'test',
    );
    expect(tests).toContainEqual({ op: 'test', path: '/metadata/uid', value: 'uid-1' });
    expect(tests.map(({ path }) => path)).toContain('/metadata/annotations/claim');
  });

  it('sends nothing where all is there already', async () => {
    const cluster = createKubernetesCluster(client);
    await cluster.change(await found(), () => MARK, signal);
    expect(await cluster.change(await found(), () => MARK, signal)).toMatchObject({ status: 'changed' });
    expect(calls('patch')).toHaveLength(1);
  });

  it('works the change out anew on the node as it is after a conflict', async () => {
    const node = await found();
    client.node = { ...client.node, metadata: { ...client.node.metadata, annotations: { record: 'theirs' } } };
    client.failures.patch = [new KubernetesApiError({ verb: 'patch', resource: 'nodes', name: 'node-1' }, 422, {})];
    const seen: unknown[] = [];
    const change = (now: ClusterNode): NodeChange => {
      seen.push(Object.entries(now.annotations));
      return MARK;
    };
    expect(await createKubernetesCluster(client).change(node, change, signal)).toMatchObject({ status: 'changed' });
    expect(seen.at(-1)).toEqual([['record', 'theirs']]);
  });

  it('says when the node is gone, or another', async () => {
    const cluster = createKubernetesCluster(client);
    const node = await found();
    expect(await cluster.change({ ...node, name: 'node-2' }, () => MARK, signal)).toEqual({ status: 'gone' });
    client.node = { ...client.node, metadata: { ...client.node.metadata, uid: 'uid-2' } };
    client.failures.patch = [new KubernetesApiError({ verb: 'patch', resource: 'nodes', name: 'node-1' }, 422, {})];
    expect(await cluster.change(node, () => MARK, signal)).toEqual({ status: 'gone' });
  });

  it('has its index know of another node of the name that a change has met', async () => {
    await using index = createNodeIndex(client);
    const compared = vi.spyOn(index, 'compare');
    const cluster = createKubernetesCluster(client, { nodes: index });
    const node = await found();
    expect(await cluster.change({ ...node, name: 'node-2' }, () => MARK, signal)).toEqual({ status: 'gone' });
    expect(compared).toHaveBeenLastCalledWith('node-2', undefined);
    client.node = { ...client.node, metadata: { ...client.node.metadata, uid: 'uid-2' } };
    client.failures.patch = [new KubernetesApiError({ verb: 'patch', resource: 'nodes', name: 'node-1' }, 422, {})];
    expect(await cluster.change(node, () => MARK, signal)).toEqual({ status: 'gone' });
    expect(compared).toHaveBeenLastCalledWith('node-1', expect.objectContaining({ uid: 'uid-2' }));
  });

  it('ends with an exception where trying again may help', async () => {
    const node = await found();
    client.failures.patch = Array.from(
      { length: 100 },
      () => new KubernetesApiError({ verb: 'patch', resource: 'nodes' }, 403, {}),
    );
    await expect(createKubernetesCluster(client).change(node, () => MARK, signal)).rejects.toThrow(KubernetesApiError);
  });

  it('counts each write by what came of it, and nothing where none was sent', async () => {
    const counted: string[] = [];
    const onWrite = (result: string) => void counted.push(result);
    const refusal = (status: number, causes: readonly StatusCause[] = []) =>
      new KubernetesApiError({ verb: 'patch', resource: 'nodes' }, status, { details: { causes: [...causes] } });
    const noRoom = refusal(422, [{ reason: 'FieldValueTooLong', field: 'metadata.annotations' }]);
    const cluster = createKubernetesCluster(client, { onWrite });
    const write = async (...failures: readonly Error[]) => {
      client.failures.patch = [...failures];
      return cluster.change(await found(), () => MARK, signal).catch(() => undefined);
    };
    await write(refusal(403), refusal(403));
    await write(noRoom);
    await write();
    await write();
    const dry = createKubernetesCluster(client, { onWrite, dryRun: true });
    await dry.change(await found(), () => ({ unschedulable: false }), signal);
    expect(counted).toEqual(['refused', 'no-room', 'written']);
  });

  it('writes nothing in a dry run, and answers as if it had', async () => {
    const node = await found();
    const changed = await createKubernetesCluster(client, { dryRun: true }).change(node, () => MARK, signal);
    expect(changed).toMatchObject({ status: 'changed', node: { unschedulable: true } });
    expect(calls('patch')).toEqual([]);
  });

  it('shows conditions in a patch of the status, and says once each way how that went', async () => {
    const told: unknown[] = [];
    const conditions = {
      failed: (error: unknown) => told.push(error),
      succeeded: () => told.push('succeeded'),
    };
    const cluster = createKubernetesCluster(client, { conditions });
    const marks = [{ type: 'Drained', isTrue: true, message: 'spot-1' }] as const;
    const refused = new KubernetesApiError({ verb: 'patch', resource: 'nodes' }, 403, {});
    client.failures.patch = [refused];
    const node = await found();
    await expect(cluster.show(node, marks, signal)).rejects.toBe(refused);
    await cluster.show(node, marks, signal);
    expect(told).toEqual([refused, 'succeeded']);
    expect(calls('patch').at(-1)).toMatchObject({ subresource: 'status', patchType: 'strategic' });
    expect(await cluster.show({ ...node, name: 'node-2' }, marks, signal)).toBeUndefined();
    const sent = calls('patch').length;
    await createKubernetesCluster(client, { dryRun: true }).show(node, marks, signal);
    expect(calls('patch')).toHaveLength(sent);
  });

  it('drains to the end, and looks', async () => {
    const cluster = createKubernetesCluster(client, { dryRun: true });
    const steps: DrainProgress[] = [];
    const options = {
      deadline: new Deadline(new Date(Date.now() + 10_000)),
      onDeadline: 'respect',
      cordonedAt: undefined,
    } as const;
    for await (const step of cluster.drain(await found(), options, signal)) steps.push(step);
    expect(steps.at(-1)).toMatchObject({ type: 'finished', outcome: 'drained' });
    expect(await cluster.look(await found(), undefined, signal)).toMatchObject({ mustGo: 0, left: 0 });
  });
});
