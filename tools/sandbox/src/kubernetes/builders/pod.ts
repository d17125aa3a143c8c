import type { KubernetesObjectInput } from '../object/kubernetes-object.ts';
import { endsAfterAnnotation, startsAfterAnnotation } from '../pods/behaviour.ts';
import type { PodBehaviour } from '../pods/behaviour.ts';
import { ownerReference } from './owner.ts';
import type { ControllerKind } from './owner.ts';

/** What is told of a pod; the rest is as of a web server that runs and is ready. */
export interface PodOptions extends PodBehaviour {
  readonly name: string;
  /** `default` by default. */
  readonly namespace?: string;
  /** The node it is bound to; none leaves it unscheduled. */
  readonly node?: string;
  /** Which kind of controller it has; none for an unmanaged pod. */
  readonly owner?: ControllerKind;
  /** The controller's name; the pod's name without its last part by default. */
  readonly ownerName?: string;
  /** `{ app: <owner's name> }` by default. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** `spec.terminationGracePeriodSeconds`; 30 by default. */
  readonly graceSeconds?: number;
  /** Has it a volume of the kind emptyDir? */
  readonly emptyDir?: boolean;
  /** Is it the mirror of a static pod? */
  readonly mirror?: boolean;
  readonly priorityClassName?: string;
  /** `Running` by default; a pending pod stays so. */
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** Is its condition `Ready` true? True for a running pod. */
  readonly ready?: boolean;
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
  readonly serviceAccountName?: string;
}

/** A pod, ready to be put into the store or sent to the API. */
export function pod(options: PodOptions): KubernetesObjectInput {
  const { name, namespace = 'default', node, graceSeconds = 30, phase = 'Running' } = options;
  const ready = options.ready ?? phase === 'Running';
  const ownerName = options.ownerName ?? (name.includes('-') ? name.slice(0, name.lastIndexOf('-')) : name);
  const owners =
    options.mirror === true
      ? [ownerReference('Node', '', node ?? '')]
      : options.owner === undefined
        ? []
        : [ownerReference(options.owner, namespace, ownerName)];
  const annotations = annotationsOf(options, phase);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: options.labels ?? { app: ownerName },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(options.finalizers === undefined ? {} : { finalizers: options.finalizers }),
      ...(owners.length > 0 ? { ownerReferences: owners } : {}),
    },
    spec: {
      containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }],
      terminationGracePeriodSeconds: graceSeconds,
      ...(node === undefined ? {} : { nodeName: node }),
      ...(options.emptyDir === true ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
      ...(options.priorityClassName === undefined ? {} : { priorityClassName: options.priorityClassName }),
      ...(options.tolerations === undefined ? {} : { tolerations: options.tolerations }),
      ...(options.serviceAccountName === undefined ? {} : { serviceAccountName: options.serviceAccountName }),
    },
    status: { phase, qosClass: 'BestEffort', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

function annotationsOf(options: PodOptions, phase: string): Readonly<Record<string, string>> {
  const startsAfterMs = options.startsAfterMs ?? (phase === 'Pending' ? 'never' : undefined);
  return {
    ...options.annotations,
    ...(options.mirror === true ? { 'kubernetes.io/config.mirror': 'static' } : {}),
    ...(options.endsAfterMs === undefined ? {} : { [endsAfterAnnotation]: String(options.endsAfterMs) }),
    ...(startsAfterMs === undefined ? {} : { [startsAfterAnnotation]: String(startsAfterMs) }),
  };
}
