import { deepEqual } from '../object/equal.ts';
import type { KubernetesObject, ObjectMetadata } from '../object/kubernetes-object.ts';
import { canonical } from '../resources/canonical.ts';
import type { ResourceDefinition } from '../resources/definition.ts';

/** What an update makes of an object: the server keeps what this part of it may not change. */
export function nextState(
  definition: ResourceDefinition,
  existing: KubernetesObject,
  changed: KubernetesObject,
  part: 'spec' | 'status',
): KubernetesObject {
  const metadata = nextMetadata(existing, changed);
  if (!definition.hasStatus) return canonical(definition, { ...changed, metadata });
  if (part === 'status') {
    const owners = existing.metadata.ownerReferences;
    const kept = owners === undefined ? metadata : { ...metadata, ownerReferences: owners };
    return canonical(definition, { ...existing, metadata: kept, status: changed.status });
  }
  const next = canonical(definition, { ...changed, metadata, status: existing.status });
  if (!definition.countsGenerations || deepEqual(next.spec, existing.spec)) return next;
  return { ...next, metadata: { ...next.metadata, generation: (existing.metadata.generation ?? 0) + 1 } };
}

function nextMetadata(existing: KubernetesObject, changed: KubernetesObject): ObjectMetadata {
  const {
    deletionTimestamp: _at,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    uid,
    creationTimestamp,
    ...given
  } = changed.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = existing.metadata;
  return {
    ...given,
    resourceVersion: existing.metadata.resourceVersion,
    uid: uid === '' ? existing.metadata.uid : uid,
    creationTimestamp: creationTimestamp === '' ? existing.metadata.creationTimestamp : creationTimestamp,
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}
