import { readFile } from 'node:fs/promises';
import { systemClock } from '@node-termination-handler/clock';
import { compactEtcd, createApiClient, waitFor } from '@node-termination-handler/control-plane';
import type { ApiClient, ApiResponse } from '@node-termination-handler/control-plane';
import { freshName, nodeManifest, podManifest } from './objects.ts';
import { RealAdmission } from './refusing.ts';
import type { Rule, Subject, WireObject } from './subject.ts';

/** Controllers touch a new node several times; one that is left alone for so long is touched no more. */
const QUIET_MS = 500;

/** Where the real server is: `CONTRACT_URL`, `CONTRACT_CA_FILE`, `CONTRACT_TOKEN`, `CONTRACT_ETCD_URL`, set by `npm run e2e`. */
export async function openRealSubject(env: NodeJS.ProcessEnv = process.env): Promise<Subject> {
  const { CONTRACT_URL: url, CONTRACT_CA_FILE: caFile, CONTRACT_TOKEN: token, CONTRACT_ETCD_URL: etcd } = env;
  if (!url || !caFile || !token || !etcd) throw new Error('CONTRACT_SERVER=real needs the other CONTRACT_ variables');
  const caPem = await readFile(caFile, 'utf8');
  const clients: ApiClient[] = [];
  const client = (as: string | undefined) => {
    const made = createApiClient({ url, caPem, token: as });
    clients.push(made);
    return made;
  };
  const admin = client(token);
  const admission = new RealAdmission(admin);
  const get = async (path: string) => {
    const response = await admin.request('GET', path);
    return response.status === 200 ? (response.body as WireObject) : undefined;
  };

  return {
    kind: 'real',
    admin,
    client,
    async userWith(rules) {
      const name = freshName('user');
      await grant(admin, name, rules);
      const path = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
      const made = await expectCreated(
        admin.request('POST', path, {
          body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
        }),
      );
      return {
        name: `system:serviceaccount:default:${name}`,
        client: client((made.status as { token: string }).token),
      };
    },
    async withFewSeats(user) {
      const made = await narrowFlow(admin, user);
      return async () => {
        for (const path of made) await admin.request('DELETE', path);
      };
    },
    refuse: async (pod, refuser) => admission.refuse(pod, refuser),
    async createNamespace() {
      const name = freshName('contract');
      await expectCreated(
        admin.request('POST', '/api/v1/namespaces', {
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        }),
      );
      const path = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await waitFor(async () => get(path), { what: `the default service account of ${name}` });
      return name;
    },
    async createNode({ labels, taints } = {}) {
      const body = nodeManifest(labels, taints);
      await expectCreated(admin.request('POST', '/api/v1/nodes', { body }));
      let seen = { version: '', sinceMs: 0 };
      const settled = async () => {
        const node = await get(`/api/v1/nodes/${body.metadata.name}`);
        const version = node?.metadata.resourceVersion ?? '';
        if (version !== seen.version) seen = { version, sinceMs: systemClock.monotonic() };
        if (node === undefined || !isReady(node) || hasOwnTaints(node)) return undefined;
        return systemClock.monotonic() - seen.sinceMs > QUIET_MS ? node : undefined;
      };
      return waitFor(settled, { what: `node ${body.metadata.name} to settle` });
    },
    async createPod(namespace, setup = {}) {
      const body = podManifest(namespace, setup);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const made = await expectCreated(admin.request('POST', path, { body }));
      const { waitUntilReady = setup.node !== undefined && setup.neverReady !== true } = setup;
      if (!waitUntilReady) return made;
      const ready = async () => {
        const pod = await get(`${path}/${made.metadata.name}`);
        const done = setup.completes === true ? pod?.status?.phase === 'Succeeded' : pod && isReady(pod);
        return done === true ? pod : undefined;
      };
      return waitFor(ready, { what: `pod ${made.metadata.name} to run` });
    },
    expireHistory: async () => compactEtcd(etcd),
    async [Symbol.asyncDispose]() {
      await admission[Symbol.asyncDispose]();
      for (const each of clients) each.close();
      return Promise.resolve();
    },
  };
}

async function grant(admin: ApiClient, name: string, rules: readonly Rule[]): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const metadata = { name };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  await expectCreated(admin.request('POST', '/api/v1/namespaces/default/serviceaccounts', { body: account }));
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules };
  await expectCreated(admin.request('POST', `${rbac}/clusterroles`, { body: role }));
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name }],
  };
  await expectCreated(admin.request('POST', `${rbac}/clusterrolebindings`, { body: binding }));
}

/**
 * A priority level without a share, which lets in one request where there is none, and a flow that leads a user's evictions there; their paths.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
async function narrowFlow(admin: ApiClient, user: string): Promise<readonly string[]> {
  const api = 'flowcontrol.apiserver.k8s.io/v1';
  const name = freshName('flow');
  const metadata = { name };
  const level = {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } },
  };
  const rule = { verbs: ['create'], apiGroups: ['*'], resources: ['pods/eviction'], namespaces: ['*'] };
  const flow = {
    priorityLevelConfiguration: { name },
    matchingPrecedence: 50,
    rules: [{ subjects: [{ kind: 'User', user: { name: user } }], resourceRules: [rule] }],
  };
  const levels = `/apis/${api}/prioritylevelconfigurations`;
  const flows = `/apis/${api}/flowschemas`;
  const body = (kind: string, spec: object) => ({ apiVersion: api, kind, metadata, spec });
  await expectCreated(admin.request('POST', levels, { body: body('PriorityLevelConfiguration', level) }));
  await expectCreated(admin.request('POST', flows, { body: body('FlowSchema', flow) }));
  return [`${flows}/${name}`, `${levels}/${name}`];
}

async function expectCreated(answer: Promise<ApiResponse>): Promise<WireObject> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`not created: ${status} ${JSON.stringify(body)}`);
  return body as WireObject;
}

function isReady(object: WireObject): boolean {
  const conditions = object.status?.conditions as readonly { type: string; status: string }[] | undefined;
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** The node controller's own taints come and go while a node starts. */
function hasOwnTaints(node: WireObject): boolean {
  const taints = node.spec?.taints as readonly { key: string }[] | undefined;
  return taints?.some(({ key }) => key.startsWith('node.kubernetes.io/')) ?? false;
}
