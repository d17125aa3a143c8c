import type { KubernetesObject } from '../object/kubernetes-object.ts';

/** One change of the store, at its revision. */
export type Change =
  | { readonly type: 'ADDED'; readonly storage: string; readonly revision: number; readonly object: KubernetesObject }
  | {
      readonly type: 'MODIFIED' | 'DELETED';
      readonly storage: string;
      readonly revision: number;
      /** The object after the change; of a deletion, its last state with the deletion's resource version. */
      readonly object: KubernetesObject;
      readonly previous: KubernetesObject;
    };

/** The key of an object in its table. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The key of a stored object. */
export function objectKey(object: KubernetesObject): string {
  return keyOf(object.metadata.namespace, object.metadata.name);
}
