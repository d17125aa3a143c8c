import { describe, expect, it } from 'vitest';
import { readString } from '../../json-value.ts';
import { node, pod, podDisruptionBudget, workload } from '../builders.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { KubernetesSimulator } from '../simulator.ts';
import { start, until } from '../testing/harness.ts';

function running(kubernetes: KubernetesSimulator, nodeName: string): readonly KubernetesObject[] {
  const selector = `spec.nodeName=${nodeName},status.phase=Running`;
  return kubernetes
    .list({ kind: 'Pod', fieldSelector: selector })
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function placed(kubernetes: KubernetesSimulator, nodeName: string): readonly KubernetesObject[] {
  return kubernetes.list({ kind: 'Pod', fieldSelector: `spec.nodeName=${nodeName}` });
}

describe('the workload controller', () => {
  it('replaces a pod of a ReplicaSet elsewhere, so that its budget opens again', async () => {
    const { kubernetes, client } = await start({ workloadController: true, startupMs: 'never' });
    for (const name of ['n1', 'n2']) kubernetes.put(node({ name }));
    kubernetes.put(workload({ kind: 'ReplicaSet', name: 'web', replicas: 2 }));
    for (const name of ['web-1', 'web-2']) kubernetes.put(pod({ name, node: 'n1', owner: 'ReplicaSet' }));
    kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 1 }));
    await client.patch('/api/v1/nodes/n1', 'merge', { spec: { unschedulable: true } });
    expect((await client.evict('default', 'web-1')).code).toBe(201);
    await until(kubernetes, () => placed(kubernetes, 'n2').length === 1);
    expect((await client.evict('default', 'web-2')).code).toBe(429);
    const [replacement] = placed(kubernetes, 'n2');
    expect(replacement?.metadata.labels).toEqual({ app: 'web' });
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await client.patch(`/api/v1/namespaces/default/pods/${replacement?.metadata.name}/status`, 'merge', { status });
    expect((await client.evict('default', 'web-2')).code).toBe(201);
    await until(kubernetes, () => placed(kubernetes, 'n2').length === 2);
  });

  it('makes no more pods than the ReplicaSet wants', async () => {
    const { kubernetes, client } = await start({ workloadController: true });
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(workload({ kind: 'ReplicaSet', name: 'web', replicas: 1 }));
    for (const name of ['web-1', 'web-2']) kubernetes.put(pod({ name, node: 'n1', owner: 'ReplicaSet' }));
    await client.evict('default', 'web-1');
    await until(kubernetes, () => kubernetes.get({ kind: 'Pod', name: 'web-1' }) === undefined);
    await client.get('/healthz');
    expect(kubernetes.list({ kind: 'Pod' })).toHaveLength(1);
  });

  it('brings a pod of a StatefulSet back under its name, one of a DaemonSet on its node', async () => {
    const { kubernetes, client } = await start({ workloadController: true });
    for (const name of ['n1', 'n2']) kubernetes.put(node({ name }));
    const db = kubernetes.put(pod({ name: 'db-0', node: 'n1', owner: 'StatefulSet' }));
    kubernetes.put(pod({ name: 'agent-x', node: 'n1', owner: 'DaemonSet' }));
    await client.patch('/api/v1/nodes/n1', 'merge', { spec: { unschedulable: true } });
    await client.evict('default', 'db-0');
    await until(
      kubernetes,
      () => readString(kubernetes.get({ kind: 'Pod', name: 'db-0' }), 'spec', 'nodeName') === 'n2',
    );
    expect(kubernetes.get({ kind: 'Pod', name: 'db-0' })?.metadata.uid).not.toBe(db.metadata.uid);
    await client.delete('/api/v1/namespaces/default/pods/agent-x');
    await until(kubernetes, () => running(kubernetes, 'n1').some(({ metadata }) => metadata.name !== 'agent-x'));
  });

  it('leaves a pod waiting until a node takes it', async () => {
    const { kubernetes, client } = await start({ workloadController: true });
    kubernetes.put(node({ name: 'cordoned', unschedulable: true }));
    kubernetes.put(node({ name: 'tainted', taints: [{ key: 'a', effect: 'NoSchedule' }] }));
    kubernetes.put(node({ name: 'ill', ready: false }));
    await client.post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    });
    await client.get('/healthz');
    expect(readString(kubernetes.get({ kind: 'Pod', name: 'a' }), 'spec', 'nodeName')).toBeUndefined();
    await client.patch('/api/v1/nodes/cordoned', 'merge', { spec: { unschedulable: false } });
    await until(kubernetes, () => running(kubernetes, 'cordoned').length === 1);
  });

  it('does nothing while it is off, and nothing for other pods', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(pod({ name: 'web-1', node: 'n1', owner: 'ReplicaSet' }));
    await client.delete('/api/v1/namespaces/default/pods/web-1', { gracePeriodSeconds: 0 });
    kubernetes.setWorkloadController(true);
    kubernetes.put(pod({ name: 'job-1', node: 'n1', owner: 'Job' }));
    kubernetes.put(pod({ name: 'alone', node: 'n1' }));
    for (const name of ['job-1', 'alone'])
      await client.delete(`/api/v1/namespaces/default/pods/${name}`, { gracePeriodSeconds: 0 });
    await client.get('/healthz');
    expect(kubernetes.list({ kind: 'Pod' })).toEqual([]);
  });
});

describe('the node controller', () => {
  it('taints a cordoned node a moment later, and takes that taint away again', async () => {
    const { kubernetes, client } = await start({ nodeController: true });
    kubernetes.put(node({ name: 'n1', taints: [{ key: 'own', effect: 'NoSchedule' }] }));
    const taints = async (): Promise<unknown> => (await client.get('/api/v1/nodes/n1')).at('spec.taints');
    await client.patch('/api/v1/nodes/n1', 'merge', { spec: { unschedulable: true } });
    await expect
      .poll(taints)
      .toMatchObject([{ key: 'own' }, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]);
    await client.patch('/api/v1/nodes/n1', 'merge', { spec: { unschedulable: false } });
    await expect.poll(taints).toEqual([{ key: 'own', effect: 'NoSchedule' }]);
  });
});
