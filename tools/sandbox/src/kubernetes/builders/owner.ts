import { createHash } from 'node:crypto';
import type { OwnerReference } from '../object/kubernetes-object.ts';

/** The kinds of controllers that pods have. */
export type ControllerKind = 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job';

/** The uid that the builders give a controller, always the same for the same name, so that pods find theirs. */
export function controllerUid(kind: string, namespace: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}/${namespace}/${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The reference from an object to the controller that the builders make. */
export function ownerReference(
  kind: ControllerKind | 'Deployment' | 'Node',
  namespace: string,
  name: string,
): OwnerReference {
  const apiVersion = kind === 'Node' ? 'v1' : kind === 'Job' ? 'batch/v1' : 'apps/v1';
  const uid = controllerUid(kind, namespace, name);
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
