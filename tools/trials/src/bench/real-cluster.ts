import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startControlPlane } from '@node-termination-handler/control-plane';
import type { ApiClient, ControlPlane } from '@node-termination-handler/control-plane';
import pMap from 'p-map';
import { createKube, createServiceAccount } from '../kube.ts';
import type { Kube } from '../kube.ts';
import { CordonWatch, countRequests } from './cluster.ts';
import type { BenchNode, Cluster, RequestCount } from './cluster.ts';

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
  await using stack = new AsyncDisposableStack();
  stack.defer(() => plane.stop());
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const kube = createKube(plane.api);
  const directory = await writeServiceAccount(plane, kube);
  const cordons = new CordonWatch();
  void followNodes(plane.api, cordons, stop.signal);
  const { hostname, port } = new URL(plane.url);
  let readUpTo = 0;
  const added: BenchNode[] = [];
  const cluster: Cluster = {
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory,
    },
    add: async (nodes) => {
      added.push(...nodes);
      await pMap(nodes, (node) => addNode(kube, node), { concurrency: CREATORS });
    },
    cordonedAt: cordons.cordonedAt,
    whenCordoned: (nodes, timeoutMs) => cordons.whenCordoned(nodes, timeoutMs),
    whenUncordoned: (name, timeoutMs) => cordons.whenUncordoned(name, timeoutMs),
    renew: async (name) => {
      const marks = { metadata: { annotations: null }, spec: { unschedulable: null, taints: null } };
      await kube.patch(`/api/v1/nodes/${name}`, marks);
    },
    takeRequests: async () => {
      const lines = (await readFile(plane.auditLog, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      const fresh = lines.slice(readUpTo);
      readUpTo = lines.length;
      return countRequests(requestsIn(fresh));
    },
    // Each node that stays has a Lease that is renewed: what comes after would be measured beside a busier server.
    [Symbol.asyncDispose]: async () => {
      const at = { concurrency: CREATORS };
      await pMap(added.splice(0), ({ name }) => kube.remove(`/api/v1/nodes/${name}`), at);
      await kube.remove('/api/v1/namespaces/default/pods', { gracePeriodSeconds: '0' });
    },
  };
  const resources = stack.move();
  return { open: () => Promise.resolve(cluster), [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

interface AuditLine {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

/** What the program itself asked for, each once: a watch is told of when it begins and when it ends, a pod's deletion whoever asks for it. */
function requestsIn(lines: readonly string[]): readonly Omit<RequestCount, 'count'>[] {
  const told = lines.map((line) => JSON.parse(line) as AuditLine);
  const own = told.filter(
    ({ stage, verb, user }) =>
      user.username === `system:serviceaccount:default:${ACCOUNT}` &&
      stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete'),
  );
  return own.map(({ verb, objectRef: { resource = '', subresource } = {} }) => ({
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
  }));
}

async function writeServiceAccount(plane: ControlPlane, kube: Kube): Promise<string> {
  await createServiceAccount(kube, 'default', ACCOUNT, 'cluster-admin');
  const { token } = await plane.mintToken({ namespace: 'default', serviceAccount: ACCOUNT });
  const directory = path.join(plane.directory, 'bench-account');
  await mkdir(directory);
  await writeFile(path.join(directory, 'token'), token, { mode: 0o600 });
  await writeFile(path.join(directory, 'ca.crt'), plane.caPem);
  return directory;
}

async function addNode(kube: Kube, node: BenchNode): Promise<void> {
  const { name, instanceId, pods = 0 } = node;
  await kube.create('/api/v1/nodes', 'Node', {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { providerID: `aws:///us-east-1a/${instanceId}` },
  });
  for (let index = 0; index < pods; index += 1) {
    await kube.create('/api/v1/namespaces/default/pods', 'Pod', podFields(node, index));
  }
}

function podFields({ name: node }: BenchNode, index: number) {
  const uid = '00000000-0000-4000-8000-000000000000';
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'bench', uid, controller: true };
  return {
    metadata: {
      name: `${node.replaceAll('.', '-')}-${index}`,
      labels: { app: 'bench' },
      ownerReferences: [owner],
    },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
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
