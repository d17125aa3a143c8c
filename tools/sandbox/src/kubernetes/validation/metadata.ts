import type { KubernetesObject } from '../object/kubernetes-object.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue, requiredValue } from './field-errors.ts';
import { dnsLabelFaults, dnsSubdomainFaults, labelValueFaults, qualifiedNameFaults } from './names.ts';

/** How an object of a resource may be called. */
export type NameRule = 'dns-label' | 'dns-subdomain';

/** Everything that is wrong with the metadata of an object, by the rules of https://kubernetes.io/docs/concepts/overview/working-with-objects/. */
export function metadataErrors(object: KubernetesObject, rule: NameRule): readonly FieldError[] {
  const { name, labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = object.metadata;
  const nameFaults = rule === 'dns-label' ? dnsLabelFaults(name) : dnsSubdomainFaults(name);
  return [
    ...nameFaults.map((fault) => invalidValue('metadata.name', name, fault)),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...qualifiedNameFaults(key).map((fault) => invalidValue('metadata.labels', key, fault)),
      ...labelValueFaults(value).map((fault) => invalidValue('metadata.labels', value, fault)),
    ]),
    ...Object.keys(annotations).flatMap((key) =>
      qualifiedNameFaults(key.toLowerCase()).map((fault) => invalidValue('metadata.annotations', key, fault)),
    ),
    ...finalizers.flatMap((finalizer, index) =>
      finalizerFaults(finalizer).map((fault) => invalidValue(`metadata.finalizers[${index}]`, finalizer, fault)),
    ),
    ...ownerReferences.flatMap((owner, index) =>
      (['apiVersion', 'kind', 'name', 'uid'] as const)
        .filter((field) => !owner[field])
        .map((field) => requiredValue(`metadata.ownerReferences[${index}].${field}`, `${field} must not be empty`)),
    ),
  ];
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function finalizerFaults(finalizer: string): readonly string[] {
  const faults = qualifiedNameFaults(finalizer);
  if (faults.length > 0 || finalizer.includes('/') || standardFinalizers.includes(finalizer)) return faults;
  return ['name is neither a standard finalizer name nor is it fully qualified'];
}

/** Which parts of the metadata an update changes though nobody may. */
export function metadataUpdateErrors(object: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  const immutable = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;
  const changed = immutable
    .filter((field) => object.metadata[field] !== previous.metadata[field])
    .map((field) => invalidValue(`metadata.${field}`, object.metadata[field] ?? '', 'field is immutable'));
  return [...changed, ...lateFinalizerErrors(object, previous)];
}

/** An object that is being deleted takes no more finalizers. */
function lateFinalizerErrors(object: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  if (previous.metadata.deletionTimestamp === undefined) return [];
  const known = new Set(previous.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [forbiddenValue('metadata.finalizers', why)];
}
