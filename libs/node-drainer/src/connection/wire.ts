import type { V1Node, V1ObjectMeta, V1Pod, V1Status, V1Taint } from '@kubernetes/client-node';

/**
 * A Kubernetes object as it stands in JSON: the generated models of `@kubernetes/client-node` with dates left as
 * RFC 3339 strings, so that nothing has to walk through every object that comes in.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/** A node as the API server sends it. See https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export type Node = Wire<V1Node>;

/** A pod as the API server sends it. See https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export type Pod = Wire<V1Pod>;

/** A taint as the API server sends it. See https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export type Taint = Wire<V1Taint>;

/** The metadata of any object. */
export type ObjectMeta = Wire<V1ObjectMeta>;

/** The answer that says how a call went. See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export type Status = Wire<V1Status>;

/** A moment in milliseconds since 1970, as the API writes it: its `metav1.Time` has no fractions of a second. */
export function wireTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** One page of a list. */
export interface ListPage<T> {
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items?: T[];
}

/**
 * Whether one state of an object is known to be older than another: resource versions of one resource type compare as numbers.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isOlderVersion(version: string | undefined, than: string | undefined): boolean {
  const digits = /^\d+$/;
  if (version === undefined || than === undefined || !digits.test(version) || !digits.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
