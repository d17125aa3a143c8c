import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readNumber } from '../object/read.ts';
import type { FieldError } from '../status.ts';
import { invalidValue } from './field-errors.ts';

/** What is wrong with a lease; see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/. */
export function leaseErrors(lease: KubernetesObject): readonly FieldError[] {
  const duration = readNumber(lease, 'spec', 'leaseDurationSeconds');
  const transitions = readNumber(lease, 'spec', 'leaseTransitions');
  return [
    ...(duration !== undefined && duration <= 0
      ? [invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
      : []),
    ...(transitions !== undefined && transitions < 0
      ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}
