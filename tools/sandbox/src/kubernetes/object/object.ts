import { readList, readRecord, readString } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';

/** Says who controls or owns an object; see https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** The metadata that a stored object always has; see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/. */
export interface ObjectMetadata {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly [field: string]: unknown;
}

/** Any object of the API as it is stored; never changed in place, so that its JSON can be kept. */
export interface KubernetesObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

/** An object as a caller gives it: the server fills in what is missing, and passes over what is undefined. */
export interface KubernetesObjectInput {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly [Field in keyof ObjectMetadata]?: ObjectMetadata[Field] | undefined };
  readonly [field: string]: unknown;
}

/** The same object with some metadata replaced. */
export function withMetadata(object: KubernetesObject, metadata: Partial<ObjectMetadata>): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

/** The reference of the object's controller, if it has one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The key of an object in its table. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The key of a stored object. */
export function objectKey(object: KubernetesObject): string {
  return keyOf(object.metadata.namespace, object.metadata.name);
}

/** The condition of a type in an object's status, empty where there is none. */
export function conditionOf(object: unknown, type: string): JsonRecord {
  return readRecord(readList(object, 'status', 'conditions').find((one) => readString(one, 'type') === type));
}

/** The conditions of an object, with one in place of that of its type. */
export function withCondition(object: unknown, condition: JsonRecord & { readonly type: string }): readonly unknown[] {
  const others = readList(object, 'status', 'conditions').filter((one) => readString(one, 'type') !== condition.type);
  return [...others, condition];
}
