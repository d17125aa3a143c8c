import type { Sandbox } from '@node-termination-handler/sandbox';
import { request } from 'node:https';

/** A plain call of the sandbox's Kubernetes API. @returns the status */
function kubernetesCall(sandbox: Sandbox, method: string, path: string, body: object): Promise<number> {
  const { url, caPem } = sandbox.kubernetes;
  const token = sandbox.kubernetes.issueToken({ user: 'stand-in' });
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    request(
      `${url}${path}`,
      { method, ca: caPem, agent: false, headers: { authorization: `Bearer ${token}`, 'content-type': type } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    )
      .on('error', reject)
      .end(JSON.stringify(body));
  });
}

/** Cordons a node by hand. */
export function cordon(sandbox: Sandbox, node: string): Promise<number> {
  return kubernetesCall(sandbox, 'PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
}

/** Evicts a pod by hand. */
export function evict(sandbox: Sandbox, namespace: string, name: string): Promise<number> {
  return kubernetesCall(sandbox, 'POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
  });
}
