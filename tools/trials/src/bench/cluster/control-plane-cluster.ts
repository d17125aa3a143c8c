import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startControlPlane } from '@node-termination-handler/control-plane';
import type { ApiClient, ControlPlane } from '@node-termination-handler/control-plane';
import { CordonWatch, countRequests } from './cluster.ts';
import type { BenchNode, Cluster } from './cluster.ts';

const ACCOUNT = 'bench';
/** So many objects are created at the same time. */
const CREATORS = 24;

/** A real API server on etcd, with kwok in place of kubelets; one for the whole run. */
export interface RealCluster extends AsyncDisposable {
  /** The cluster as one bench sees it. */
  open(): Promise<Cluster>;
}

/**
 * Starts etcd, kube-apiserver and kwok.
 *
 * @throws when they can't be built or started.
 */
export async function startRealCluster(report: (line: string) => void): Promise<RealCluster> {
  const plane = await startControlPlane({
    controllers: false,
    kwok: true,
    audit: { group: 'system:serviceaccounts:default' },
    onProgress: report,
  });
  const stop = new AbortController();
  try {
    const directory = await writeServiceAccount(plane);
    const cordons = new CordonWatch();
    void followNodes(plane.api, cordons, stop.signal);
    const { hostname, port } = new URL(plane.url);
    let readUpTo = 0;
    const cluster: Cluster = {
      kind: 'real',
      environment: {
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory,
      },
      setSeats: undefined,
      add: (nodes) => addNodes(plane.api, nodes),
      cordonedAt: cordons.cordonedAt,
      whenCordoned: (nodes, timeoutMs) => cordons.whenCordoned(nodes, timeoutMs),
      uncordon: async (name) => {
        await plane.api.request('PATCH', `/api/v1/nodes/${name}`, {
          contentType: 'application/merge-patch+json',
          body: { spec: { unschedulable: null } },
        });
        await cordons.whenUncordoned(name, 10_000);
      },
      takeRequests: async () => {
        const lines = (await readFile(plane.auditLog, 'utf8').catch(() => ''))
          .split('\n')
          .filter((line) => line !== '');
        const fresh = lines.slice(readUpTo);
        readUpTo = lines.length;
        return countRequests(fresh.map(parseAuditLine));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return {
      open: () => Promise.resolve(cluster),
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await plane.stop();
      },
    };
  } catch (error) {
    stop.abort();
    await plane.stop();
    throw error;
  }
}

interface AuditLine {
  readonly verb: string;
  readonly stage: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

function parseAuditLine(line: string): { verb: string; resource: string } {
  const { verb, objectRef } = JSON.parse(line) as AuditLine;
  const { resource = '', subresource } = objectRef ?? {};
  return { verb, resource: subresource === undefined ? resource : `${resource}/${subresource}` };
}

async function writeServiceAccount(plane: ControlPlane): Promise<string> {
  const metadata = { name: ACCOUNT };
  await created(plane.api, '/api/v1/namespaces/default/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
  });
  await created(plane.api, '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: ACCOUNT }],
  });
  const { token } = await plane.mintToken({ namespace: 'default', serviceAccount: ACCOUNT });
  const directory = path.join(plane.directory, 'bench-account');
  await mkdir(directory);
  await writeFile(path.join(directory, 'token'), token, { mode: 0o600 });
  await writeFile(path.join(directory, 'ca.crt'), plane.caPem);
  return directory;
}

async function created(api: ApiClient, url: string, body: unknown): Promise<void> {
  const { status, body: answer } = await api.request('POST', url, { body });
  if (status !== 201) throw new Error(`${url}: ${status} ${JSON.stringify(answer)}`);
}

async function addNodes(api: ApiClient, nodes: readonly BenchNode[]): Promise<void> {
  const work = nodes.values();
  const create = async (): Promise<void> => {
    for (const bench of work) {
      await created(api, '/api/v1/nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: bench.name, labels: { 'kubernetes.io/hostname': bench.name } },
        spec: { providerID: `aws:///us-east-1a/${bench.instanceId}` },
      });
      for (let index = 0; index < (bench.pods ?? 0); index += 1)
        await created(api, '/api/v1/namespaces/default/pods', podOf(bench, index));
    }
  };
  await Promise.all(Array.from({ length: CREATORS }, create));
}

function podOf(bench: BenchNode, index: number): unknown {
  const name = `${bench.name.replaceAll('.', '-')}-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: 'bench' },
      annotations: bench.hangs === true ? { 'control-plane/hangs': 'true' } : {},
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'bench',
          uid: '00000000-0000-4000-8000-000000000000',
          controller: true,
        },
      ],
    },
    spec: { nodeName: bench.name, containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
  };
}

interface NodeEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly spec?: { readonly unschedulable?: boolean };
  };
}

async function followNodes(api: ApiClient, cordons: CordonWatch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const watch = await api.watch('/api/v1/nodes?watch=true&resourceVersion=0', { signal });
      for await (const event of watch.events as AsyncIterable<NodeEvent>) {
        cordons.saw(event.object.metadata.name, event.type !== 'DELETED' && event.object.spec?.unschedulable === true);
      }
    } catch {
      // The server ends watches now and then; the end of the run ends this one for good.
    }
  }
}
