import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { node, pod, startKubernetes } from '@node-termination-handler/sandbox';
import { CordonWatch, countRequests } from './cluster.ts';
import type { BenchNode, SimulatedCluster } from './cluster.ts';

/** Starts the sandbox's API server. Its pods end 200 ms after they were told to, as those of the real one. */
export async function openSimulatedCluster(): Promise<SimulatedCluster> {
  const kubernetes = await startKubernetes({ terminationMs: 200, requestLogLimit: 1_000_000, historyLimit: 100_000 });
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-bench-'));
  const token = kubernetes.issueToken({ user: 'system:serviceaccount:kube-system:bench' });
  await kubernetes.serviceAccountFiles(directory, token);
  const { hostname, port } = new URL(kubernetes.url);
  const cordons = new CordonWatch();
  kubernetes.onChange(({ type, object }) => {
    if (object.kind === 'Node') cordons.saw(object.metadata.name, type !== 'DELETED' && isUnschedulable(object.spec));
  });
  const put = (bench: BenchNode): void => {
    kubernetes.put(node({ name: bench.name, instanceId: bench.instanceId }));
    for (let index = 0; index < (bench.pods ?? 0); index += 1) {
      const name = `${bench.name.replaceAll('.', '-')}-${index}`;
      const ending = bench.hangs === true ? { endsAfterMs: 'never' as const } : {};
      kubernetes.put(pod({ name, node: bench.name, owner: 'ReplicaSet', ...ending }));
    }
  };
  return {
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory,
    },
    setSeats: (seats) => kubernetes.faults.throttle(seats),
    add: (nodes) => {
      nodes.forEach(put);
      return Promise.resolve();
    },
    cordonedAt: cordons.cordonedAt,
    whenCordoned: (nodes, timeoutMs) => cordons.whenCordoned(nodes, timeoutMs),
    whenUncordoned: (name, timeoutMs) => cordons.whenUncordoned(name, timeoutMs),
    uncordon: (name) => {
      const found = kubernetes.get({ kind: 'Node', name });
      if (typeof found?.spec === 'object')
        kubernetes.put({ ...found, spec: { ...found.spec, unschedulable: undefined } });
      return Promise.resolve();
    },
    takeRequests: () => {
      const requests = kubernetes.requests().map(({ verb, resource, subresource }) => ({
        verb,
        resource: subresource === '' ? resource : `${resource}/${subresource}`,
      }));
      kubernetes.clearRequests();
      return Promise.resolve(countRequests(requests));
    },
    [Symbol.asyncDispose]: async () => {
      await kubernetes.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function isUnschedulable(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
}
