import type { KubernetesObjectInput } from '../object/kubernetes-object.ts';

/** What is told of a PodDisruptionBudget. */
export interface BudgetOptions {
  readonly name: string;
  /** `default` by default. */
  readonly namespace?: string;
  /** The labels of the pods that it covers; `{ app: <name> }` by default. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** A number, or a percentage like `50%`. */
  readonly minAvailable?: number | string;
  /** A number, or a percentage like `50%`; 1 when neither is given. */
  readonly maxUnavailable?: number | string;
  readonly unhealthyPodEvictionPolicy?: 'AlwaysAllow' | 'IfHealthyBudget';
  /** A status to keep as it is, while the disruption controller is off. */
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A PodDisruptionBudget, ready to be put into the store or sent to the API. */
export function podDisruptionBudget(options: BudgetOptions): KubernetesObjectInput {
  const { name, namespace = 'default', minAvailable, maxUnavailable, unhealthyPodEvictionPolicy, status } = options;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: options.matchLabels ?? { app: name } },
      ...(minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? 1 } : { minAvailable }),
      ...(unhealthyPodEvictionPolicy === undefined ? {} : { unhealthyPodEvictionPolicy }),
    },
    ...(status === undefined ? {} : { status }),
  };
}
