import { Deadline } from '@node-termination-handler/clock';
import type { DrainProgress, Node } from '@node-termination-handler/node-drainer';
import { beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_ANNOTATION, readClaim } from '../claim.ts';
import type { ClusterMark, ClusterNode } from './cluster.ts';
import { CORDONED_FOR_ANNOTATION } from '../marks.ts';
import { MemoryClient } from '../testing/api-server.ts';
import { after } from '../testing/events.ts';
import { createKubernetesCluster } from './kubernetes-cluster.ts';

const signal = new AbortController().signal;
const wanted: ClusterMark = {
  taint: { key: 'aws-node-termination-handler/spot-itn', value: 'spot-1' },
  labels: { a: 'b' },
  labelsIfSchedulable: {},
};
const claim = { holder: 'me', state: 'draining' as const, until: after(20) };

let client: MemoryClient;
beforeEach(() => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', uid: 'uid-1', resourceVersion: '1', labels: {}, annotations: {} },
    spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0' },
  };
  client = new MemoryClient(node);
});

async function found(): Promise<ClusterNode> {
  const node = await createKubernetesCluster(client).find({ name: 'node-1' }, signal);
  if (node === undefined) throw new Error('the node is not found');
  return node;
}

describe('a real cluster', () => {
  it('finds nodes by name and by instance', async () => {
    const cluster = createKubernetesCluster(client);
    expect(await cluster.find({ name: 'node-1' }, signal)).toMatchObject({ uid: 'uid-1' });
    expect(await cluster.find({ name: '', instanceId: 'i-0123456789abcdef0' }, signal)).toMatchObject({ uid: 'uid-1' });
    expect(await cluster.find({ instanceId: 'i-0aaaaaaaaaaaaaaaa' }, signal)).toBeUndefined();
  });

  it('marks in one patch: cordon, taint, labels, claim and whose cordon it is', async () => {
    const cluster = createKubernetesCluster(client, { taintEffect: 'NoExecute', excludeFromLoadBalancers: true });
    const node = await found();
    const marked = await cluster.mark(node, { ...wanted, claim }, signal);
    expect(marked).toMatchObject({ status: 'marked', changed: true, cordonedByUs: true });
    expect(client.calls.filter(({ verb }) => verb === 'patch')).toHaveLength(1);
    expect(client.node.spec).toMatchObject({
      unschedulable: true,
      taints: [{ key: wanted.taint.key, value: 'spot-1', effect: 'NoExecute' }],
    });
    expect(client.node.metadata?.labels).toMatchObject({
      a: 'b',
      'node.kubernetes.io/exclude-from-external-load-balancers': 'aws-node-termination-handler',
    });
    expect(client.node.metadata?.annotations?.[CORDONED_FOR_ANNOTATION]).toBe('spot-1');
    expect(readClaim(client.node.metadata?.annotations)).toEqual(claim);
  });

  it('knows a cordon of its own from before a restart', async () => {
    client.node = {
      ...client.node,
      metadata: { ...client.node.metadata, annotations: { [CORDONED_FOR_ANNOTATION]: 'e-1' } },
      spec: { ...client.node.spec, unschedulable: true },
    };
    const marked = await createKubernetesCluster(client).mark(await found(), wanted, signal);
    expect(marked).toMatchObject({ status: 'marked', cordonedByUs: true });
  });

  it('knows a cordon of the handler it replaced by its request for an uncordon', async () => {
    client.node = {
      ...client.node,
      metadata: { ...client.node.metadata, labels: { 'aws-node-termination-handler/action': 'UncordonAfterReboot' } },
      spec: { ...client.node.spec, unschedulable: true },
    };
    const marked = await createKubernetesCluster(client).mark(await found(), wanted, signal);
    expect(marked).toMatchObject({ status: 'marked', cordonedByUs: true });
  });

  it('puts no taint where none is wanted, and writes nothing in a dry run', async () => {
    const node = await found();
    await createKubernetesCluster(client, { dryRun: true }).mark(node, wanted, signal);
    expect(client.calls.filter(({ verb }) => verb === 'patch')).toEqual([]);
    await createKubernetesCluster(client).mark(node, wanted, signal);
    expect(client.node.spec?.taints ?? []).toEqual([]);
  });

  it('says when the node is gone', async () => {
    const node = await found();
    const cluster = createKubernetesCluster(client);
    expect(await cluster.mark({ ...node, name: 'node-2' }, wanted, signal)).toEqual({ status: 'node-gone' });
  });

  it('renews and ends its claim', async () => {
    const cluster = createKubernetesCluster(client);
    const marked = await cluster.mark(await found(), { ...wanted, claim }, signal);
    if (marked.status !== 'marked') throw new Error('not marked');
    const renewed = await cluster.writeClaim(marked.node, { ...claim, until: after(40) }, signal);
    expect(readClaim(client.node.metadata?.annotations)?.until).toEqual(after(40));
    await cluster.writeClaim(renewed, undefined, signal);
    expect(client.node.metadata?.annotations?.[CLAIM_ANNOTATION]).toBeUndefined();
  });

  it('drains to the end', async () => {
    const cluster = createKubernetesCluster(client, { dryRun: true });
    const steps: DrainProgress[] = [];
    for await (const step of cluster.drain(await found(), new Deadline(new Date(Date.now() + 10_000)), signal))
      steps.push(step);
    expect(steps.at(-1)).toMatchObject({ type: 'finished', outcome: 'drained' });
  });

  it('marks a node as out of service', async () => {
    await createKubernetesCluster(client).markOutOfService(await found(), signal);
    expect(client.node.spec?.taints).toEqual([
      { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
    ]);
  });

  it('takes its own marks back', async () => {
    const cluster = createKubernetesCluster(client, { taintEffect: 'NoSchedule' });
    const marked = await cluster.mark(await found(), { ...wanted, claim }, signal);
    if (marked.status !== 'marked') throw new Error('not marked');
    await cluster.restore(marked.node, true, signal);
    expect(client.node.spec?.unschedulable ?? false).toBe(false);
    expect(client.node.metadata?.annotations).toEqual({});
  });
});
