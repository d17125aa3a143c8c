import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readAt, readString } from '../object/read.ts';
import type { FieldError } from '../status.ts';
import { invalidValue, unsupportedValue } from './field-errors.ts';

const policies = ['AlwaysAllow', 'IfHealthyBudget'];

/** What is wrong with a PodDisruptionBudget; see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/. */
export function disruptionBudgetErrors(budget: KubernetesObject): readonly FieldError[] {
  const minAvailable = readAt(budget, 'spec', 'minAvailable');
  const maxUnavailable = readAt(budget, 'spec', 'maxUnavailable');
  const policy = readString(budget, 'spec', 'unhealthyPodEvictionPolicy');
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [{ type: 'Invalid' as const, field: 'spec', message: `Invalid value: ${goSpec(budget)}: ${both}` }]
      : []),
    ...countErrors('spec.minAvailable', minAvailable),
    ...countErrors('spec.maxUnavailable', maxUnavailable),
    ...(policy !== undefined && !policies.includes(policy)
      ? [unsupportedValue('spec.unhealthyPodEvictionPolicy', policy, policies)]
      : []),
  ];
}

const both = 'minAvailable and maxUnavailable cannot be both set';

/** The spec in the form that messages of the server have it. */
function goSpec(budget: KubernetesObject): string {
  return JSON.stringify({
    MinAvailable: readAt(budget, 'spec', 'minAvailable'),
    Selector: readAt(budget, 'spec', 'selector'),
    MaxUnavailable: readAt(budget, 'spec', 'maxUnavailable'),
    UnhealthyPodEvictionPolicy: readAt(budget, 'spec', 'unhealthyPodEvictionPolicy') ?? null,
  });
}

function countErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value === 'number' && value < 0) return [invalidValue(field, value, 'must be greater than or equal to 0')];
  if (typeof value !== 'string') return [];
  if (!/^[0-9]+%$/.test(value)) {
    return [
      invalidValue(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  }
  return Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}
