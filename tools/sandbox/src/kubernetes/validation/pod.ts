import { deepEqual } from '../object/equal.ts';
import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { isRecord, readAt, readList, readRecord, readString } from '../object/read.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, requiredValue } from './field-errors.ts';

const mutable = new Set(['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds', 'schedulingGates']);

/** What is wrong with a pod: it needs a container with a name and an image, and most of its spec never changes. */
export function podErrors(pod: KubernetesObject, previous?: KubernetesObject): readonly FieldError[] {
  if (previous !== undefined) return specChanged(pod, previous);
  const containers = readList(pod, 'spec', 'containers');
  if (containers.length === 0) return [requiredValue('spec.containers')];
  return containers.flatMap((container, index) =>
    ['name', 'image']
      .filter((field) => (readString(container, field) ?? '') === '')
      .map((field) => requiredValue(`spec.containers[${index}].${field}`)),
  );
}

function specChanged(pod: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  if (deepEqual(fixedSpec(pod), fixedSpec(previous))) return [];
  const allowed =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [forbiddenValue('spec', allowed)];
}

function fixedSpec(pod: KubernetesObject): unknown {
  const fixed = Object.entries(readRecord(pod, 'spec')).filter(([field]) => !mutable.has(field));
  const withoutImages = (container: unknown): unknown =>
    isRecord(container) ? { ...container, image: undefined } : container;
  return Object.fromEntries(
    fixed.map(([field, value]) =>
      field === 'containers' || field === 'initContainers'
        ? [field, readList(pod, 'spec', field).map(withoutImages)]
        : [field, value ?? readAt(pod, 'spec', field)],
    ),
  );
}
