import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programNamespace } from './world.ts';
import type { World } from './world.ts';

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
  await kube.create(`/api/v1/namespaces/${programNamespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name },
  });
  await kube.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', namespace: programNamespace, name }],
  });
  return openAccount(world, programNamespace, name, directory);
}

/** Writes the files of an account that is there, with its first token. */
export async function openAccount(
  { kube, plane }: World,
  namespace: string,
  name: string,
  directory: string,
): Promise<Account> {
  const folder = join(directory, name);
  const tokenFile = join(folder, 'token');
  const kubeconfigFile = join(folder, 'kubeconfig');
  await mkdir(folder, { recursive: true });

  let generation = 0;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const bindToken = async () => {
    // A token that is bound to a secret dies with it: that is how the old one is made worthless before its time.
    const metadata = { name: `${name}-${++generation}` };
    const secret = await kube.create<{ metadata: { name: string; uid: string } }>(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
    });
    const { token } = await plane.mintToken({
      namespace,
      serviceAccount: name,
      boundToSecret: { name: secret.metadata.name, uid: secret.metadata.uid },
    });
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
      await kube.remove(`${secrets}/${old}`);
    },
  };
}
