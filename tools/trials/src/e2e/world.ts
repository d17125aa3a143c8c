import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startControlPlane } from '@node-termination-handler/control-plane';
import type { ControlPlane, KubernetesVersion } from '@node-termination-handler/control-plane';
import { root } from '../program.ts';
import type { ProgramName } from '../program.ts';
import { createKube, createServiceAccount } from '../kube.ts';
import type { Kube, PodObject } from '../kube.ts';

/** The namespace in which the programs' service accounts live. */
const programNamespace = 'node-termination-handler';

/** What all scenarios share: one control plane, with the roles that the programs' charts ship. */
export interface World extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly kube: Kube;
}

/** The ClusterRole of a program in this world: exactly the rules that its chart ships. */
export function roleOf(program: ProgramName): string {
  return `e2e-${program}`;
}

/** The rules that a program's chart ships, as YAML; `file` names others than those that it always grants. */
export async function chartRules(program: ProgramName, file = 'rbac-rules.yaml'): Promise<string> {
  return readFile(`${root}/apps/${program}/chart/files/${file}`, 'utf8');
}

/** What is granted in the whole cluster where a chart is installed with its defaults. */
async function rulesOfRole(program: ProgramName): Promise<string> {
  const rules = await chartRules(program);
  return program === 'imds-agent' ? rules : rules + (await chartRules(program, 'pod-status-rules.yaml'));
}

/** Starts the control plane and installs the roles. */
export async function startWorld(
  version: KubernetesVersion,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<World> {
  const audit = { group: `system:serviceaccounts:${programNamespace}` };
  await using stack = new AsyncDisposableStack();
  const plane = await startControlPlane({ version, audit, onProgress, ...(signal && { signal }) });
  stack.defer(() => plane.stop());
  const kube = createKube(plane.api);
  await kube.create('/api/v1/namespaces', 'Namespace', { metadata: { name: programNamespace } });
  for (const program of ['imds-agent', 'queue-processor'] as const) {
    await applyClusterRole(plane, roleOf(program), await rulesOfRole(program));
    await letReadNodeLeases(plane, program);
  }
  await fencePodStatus(plane);
  const resources = stack.move();
  return { plane, kube, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/**
 * Creates or replaces a ClusterRole by kubectl, so that the rules are read as a cluster reads them.
 *
 * @throws Error with kubectl's words when it refuses them.
 */
export async function applyClusterRole(plane: ControlPlane, name: string, rules: string): Promise<void> {
  await applyRules(plane, 'ClusterRole', { name }, rules);
}

/** Lets all accounts of the programs do in `kube-node-lease` what a program's chart lets its own do. */
async function letReadNodeLeases(plane: ControlPlane, program: ProgramName): Promise<void> {
  const name = roleOf(program);
  const namespace = 'kube-node-lease';
  await applyRules(plane, 'Role', { name, namespace }, await chartRules(program, 'node-lease-rules.yaml'));
  await applyYaml(plane, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `system:serviceaccounts:${programNamespace}` },
    ],
  });
}

/** Holds every account of a queue-processor to what the policy of its chart lets the release's own account do to a pod's status. */
async function fencePodStatus(plane: ControlPlane): Promise<void> {
  const name = 'e2e-pod-status';
  const accounts = `system:serviceaccount:${programNamespace}:queue-processor-`;
  const spec = (await chartRules('queue-processor', 'pod-status-policy.yaml'))
    .replace("username == 'USER'", `username.startsWith('${accounts}')`)
    .replaceAll(/^/gm, '  ');
  const head = `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: ${name}}\nspec:\n`;
  await applyYaml(plane, head + spec);
  await applyYaml(plane, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

async function applyRules(
  plane: ControlPlane,
  kind: 'ClusterRole' | 'Role',
  metadata: { readonly name: string; readonly namespace?: string },
  rules: string,
): Promise<void> {
  const head = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: ${JSON.stringify(metadata)}\nrules:\n`;
  await applyYaml(plane, head + rules.replaceAll(/^/gm, '  '));
}

/** JSON is YAML. */
async function applyYaml(plane: ControlPlane, manifest: string | object): Promise<void> {
  const input = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  const result = await plane.kubectl(['apply', '-f', '-'], { input });
  if (result.code !== 0) throw new Error(`kubectl did not take this: ${result.stderr}\n${input}`);
}

/** Makes what the queue-processor's chart makes for a release's claims: a Lease, and a Role of the same name with the rules that it ships. */
export async function createClaimLease({ kube, plane }: World, name: string): Promise<void> {
  const metadata = { name };
  await kube.create(`/apis/coordination.k8s.io/v1/namespaces/${programNamespace}/leases`, 'Lease', { metadata });
  const rules = await chartRules('queue-processor', 'lease-rules.yaml');
  const ofLease = rules.replace('[LEASE]', `[${name}]`);
  await applyRules(plane, 'Role', { name, namespace: programNamespace }, ofLease);
}

/** Lets a service account beat in the Lease of its release. */
export async function bindToLease({ kube }: World, account: string, lease: string): Promise<void> {
  await kube.create(`/apis/rbac.authorization.k8s.io/v1/namespaces/${programNamespace}/rolebindings`, 'RoleBinding', {
    metadata: { name: account },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: lease },
    subjects: [{ kind: 'ServiceAccount', namespace: programNamespace, name: account }],
  });
}

/** A service account of one program in one scenario, with the files that a kubelet would keep for it. */
export interface Account {
  /** `system:serviceaccount:…`. */
  readonly user: string;
  readonly kubeconfigFile: string;
  /** A new token in place of the one in the file; the old one is refused within ten seconds. */
  rotateToken(): Promise<void>;
}

/** Creates the account, binds it to a ClusterRole, and writes its first token. */
export async function createAccount(world: World, name: string, role: string, directory: string): Promise<Account> {
  const { kube } = world;
  await createServiceAccount(kube, programNamespace, name, role);
  return openAccount(world, programNamespace, name, directory);
}

/**
 * Writes the files of an account that is there, with its first token.
 *
 * @param pod the pod that the tokens are for, as in a cluster; without it each is bound to a Secret of its own, and dies with it.
 */
export async function openAccount(
  { kube, plane }: World,
  namespace: string,
  name: string,
  directory: string,
  pod?: PodObject,
): Promise<Account> {
  const folder = join(directory, name);
  const tokenFile = join(folder, 'token');
  const kubeconfigFile = join(folder, 'kubeconfig');
  await mkdir(folder, { recursive: true });

  let generation = 0;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const bindToken = async () => {
    // A token that is bound to a secret dies with it: that is how the old one is made worthless before its time.
    const secret = { metadata: { name: `${name}-${++generation}` } };
    const { metadata } =
      pod ?? (await kube.create<{ metadata: { name: string; uid: string } }>(secrets, 'Secret', secret));
    const kind = pod === undefined ? 'Secret' : 'Pod';
    const boundTo = { kind, name: metadata.name, uid: metadata.uid } as const;
    const { token } = await plane.mintToken({ namespace, serviceAccount: name, boundTo });
    await writeFile(`${tokenFile}.new`, token, { mode: 0o600 });
    await rename(`${tokenFile}.new`, tokenFile);
  };
  await bindToken();
  // The programs read the file again as it changes, by the same way as in a pod.
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } as const;
  await writeFile(kubeconfigFile, plane.kubeconfig(user));
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    kubeconfigFile,
    async rotateToken() {
      const old = `${name}-${generation}`;
      await bindToken();
      if (pod === undefined) await kube.remove(`${secrets}/${old}`);
    },
  };
}
