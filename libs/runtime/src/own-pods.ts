import type { GoesLast } from '@node-termination-handler/node-drainer';

/** What the API server makes random names of: no vowels, nothing that is easily mistaken. */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';
const POD = new RegExp(`^(.+)-${RANDOM}{1,10}-${RANDOM}{5}$`);
const REPLICA_SET = new RegExp(`^(.+)-${RANDOM}{1,10}$`);

/**
 * Tells the pods of a program's own Deployment, in any version, by the names that Kubernetes gives them; of a pod that is none's, that alone.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 */
export function isOfDeployment(own: { readonly namespace: string; readonly name: string }): GoesLast {
  const deployment = POD.exec(own.name)?.[1];
  return ({ ref, controller }) => {
    if (ref.namespace !== own.namespace) return false;
    if (ref.name === own.name) return true;
    if (deployment === undefined || controller?.kind !== 'ReplicaSet') return false;
    return REPLICA_SET.exec(controller.name)?.[1] === deployment;
  };
}
