import { setTimeout as sleep } from 'node:timers/promises';
import type { CallKubernetes } from './kubernetes.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  }[];
}

/** Labels, cordons and drains a node request by request, and asks for each pod each second until it is gone. */
export async function cordonAndDrain(call: CallKubernetes, node: string, eventId: string): Promise<void> {
  const url = `/api/v1/nodes/${node}`;
  // Each step reads the node before it writes, as the incumbent does.
  await call('GET', url);
  await call('PATCH', url, { metadata: { labels: { 'aws-node-termination-handler/event-id': eventId.slice(0, 63) } } });
  await call('GET', url);
  await call('PATCH', url, { spec: { unschedulable: true } });
  const { body } = await call('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`);
  await Promise.all((body as PodList).items.map(({ metadata }) => evict(call, metadata)));
}

async function evict(
  call: CallKubernetes,
  { name, namespace, uid }: PodList['items'][number]['metadata'],
): Promise<void> {
  const url = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await call('POST', `${url}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
  for (;;) {
    const { status, body } = await call('GET', url);
    if (status === 404 || (body as { metadata?: { uid?: string } }).metadata?.uid !== uid) return;
    await sleep(1_000);
  }
}
