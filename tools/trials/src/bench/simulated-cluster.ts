import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { node, pod, startKubernetes } from '@node-termination-handler/sandbox';
import { CordonWatch, countRequests } from './cluster.ts';
import type { BenchNode, Cluster } from './cluster.ts';
import { startDelayingProxy } from './delaying-proxy.ts';

/** What is difficult about a simulated cluster. */
export interface SimulatedClusterOptions {
  /** How long a round trip to the API server takes, in ms. Default: as long as on one machine. */
  readonly roundTripMs?: number;
  /** So many requests are let in at once, the others are told to come again, as flow control does. Default: all. */
  readonly seats?: number;
  /** How long an eviction keeps its seat, in ms. Default: as short as the sandbox can; a real server takes 100 or so. */
  readonly evictionMs?: number;
  /** How large each pod is, in KiB: a real one has 5 to 15. Default: 1 or so. */
  readonly podKiB?: number;
}

/** Starts the sandbox's API server. Its pods end 200 ms after they were told to, as those of the real one. */
export async function openSimulatedCluster(options: SimulatedClusterOptions = {}): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const limits = { requestLogLimit: 1_000_000, historyLimit: 100_000 };
  const kubernetes = stack.adopt(await startKubernetes({ terminationMs: 200, ...limits }), (server) => server.close());
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-bench-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const token = kubernetes.issueToken({ user: 'system:serviceaccount:kube-system:bench' });
  await kubernetes.serviceAccountFiles(directory, token);
  const { hostname, port } = new URL(kubernetes.url);
  const { roundTripMs, seats, evictionMs: ms = 0, podKiB = 0 } = options;
  kubernetes.faults.throttle(seats);
  if (ms > 0) kubernetes.faults.add({ match: { subresource: 'eviction' }, effect: { kind: 'latency', ms } });
  const proxy = roundTripMs === undefined ? undefined : stack.use(await startDelayingProxy(Number(port), roundTripMs));
  const cordons = new CordonWatch();
  kubernetes.onChange(({ type, object }) => {
    if (object.kind === 'Node') cordons.saw(object.metadata.name, type !== 'DELETED' && isUnschedulable(object.spec));
  });
  const annotations = podKiB === 0 ? {} : { filling: 'x'.repeat(podKiB * 1024) };
  const put = (bench: BenchNode): void => {
    kubernetes.put(node({ name: bench.name, instanceId: bench.instanceId }));
    for (let index = 0; index < (bench.pods ?? 0); index += 1) {
      const name = `${bench.name.replaceAll('.', '-')}-${index}`;
      kubernetes.put(pod({ name, node: bench.name, owner: 'ReplicaSet', annotations }));
    }
  };
  const resources = stack.move();
  return {
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: String(proxy?.port ?? port),
      KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory,
    },
    add: (nodes) => {
      nodes.forEach(put);
      return Promise.resolve();
    },
    cordonedAt: cordons.cordonedAt,
    whenCordoned: (nodes, timeoutMs) => cordons.whenCordoned(nodes, timeoutMs),
    whenUncordoned: (name, timeoutMs) => cordons.whenUncordoned(name, timeoutMs),
    renew: (name) => {
      const found = kubernetes.get({ kind: 'Node', name });
      if (found === undefined) return Promise.resolve();
      const { unschedulable: _unschedulable, ...spec } = found.spec as Readonly<Record<string, unknown>>;
      const { annotations: _annotations, ...metadata } = found.metadata;
      kubernetes.put({ ...found, metadata, spec });
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
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function isUnschedulable(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
}
