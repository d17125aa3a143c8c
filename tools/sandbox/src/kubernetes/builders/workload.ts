import type { KubernetesObjectInput } from '../object/kubernetes-object.ts';
import { controllerUid, ownerReference } from './owner.ts';
import type { ControllerKind } from './owner.ts';

/** What is told of a controller of pods. */
export interface WorkloadOptions {
  readonly kind: ControllerKind | 'Deployment';
  readonly name: string;
  /** `default` by default. */
  readonly namespace?: string;
  /** How many pods it wants; 1 by default, nothing for a DaemonSet. */
  readonly replicas?: number;
  /** The labels of its pods; `{ app: <name> }` by default. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** The Deployment that a ReplicaSet belongs to. */
  readonly deployment?: string;
}

/** A ReplicaSet, Deployment, StatefulSet, DaemonSet or Job, with the uid by which the pods of the builders name it. */
export function workload(options: WorkloadOptions): KubernetesObjectInput {
  const { kind, name, namespace = 'default', replicas = 1, deployment } = options;
  const matchLabels = options.matchLabels ?? { app: name };
  const counts = kind === 'DaemonSet' ? {} : kind === 'Job' ? { parallelism: replicas } : { replicas };
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: {
      name,
      namespace,
      uid: controllerUid(kind, namespace, name),
      labels: matchLabels,
      ...(deployment === undefined ? {} : { ownerReferences: [ownerReference('Deployment', namespace, deployment)] }),
    },
    spec: {
      ...counts,
      selector: { matchLabels },
      template: {
        metadata: { labels: matchLabels },
        spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
  };
}
