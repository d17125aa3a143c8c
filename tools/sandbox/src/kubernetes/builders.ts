import { createHash } from 'node:crypto';
import type { KubernetesObjectInput, OwnerReference } from './object/object.ts';
import { endsAfterAnnotation, startsAfterAnnotation } from './object/pod.ts';
import type { PodBehaviour } from './object/pod.ts';

/** The kinds of controllers that pods have. */
type ControllerKind = 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job';

/** The uid that the builders give a controller, always the same for the same name, so that pods find theirs. */
export function controllerUid(kind: string, namespace: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}/${namespace}/${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The reference from an object to the controller that the builders make. */
function ownerReference(kind: ControllerKind | 'Deployment' | 'Node', namespace: string, name: string): OwnerReference {
  const apiVersion = kind === 'Node' ? 'v1' : kind === 'Job' ? 'batch/v1' : 'apps/v1';
  const uid = controllerUid(kind, namespace, name);
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** A taint of a node. */
interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What is told of a node; the rest is as on an EC2 instance of an EKS cluster. */
export interface NodeOptions {
  readonly name: string;
  /** `i-…`; made of the name by default. */
  readonly instanceId?: string;
  /** `eu-central-1a` by default. */
  readonly zone?: string;
  /** `m5.large` by default. */
  readonly instanceType?: string;
  /** Instead of `aws:///<zone>/<instance id>`; empty for none. */
  readonly providerId?: string;
  /** `kubernetes.io/hostname`; the name by default. */
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  /** Is its kubelet well? True. */
  readonly ready?: boolean;
  /** Another for each boot of its host; made of the name by default. */
  readonly bootId?: string;
}

/** A node, ready to be put into the store or sent to the API. */
export function node(options: NodeOptions): KubernetesObjectInput {
  const { name, zone = 'eu-central-1a', instanceType = 'm5.large', ready = true } = options;
  const instanceId = options.instanceId ?? instanceIdOf(name);
  const providerID = options.providerId ?? `aws:///${zone}/${instanceId}`;
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': options.hostname ?? name,
    'node.kubernetes.io/instance-type': instanceType,
    'topology.kubernetes.io/region': zone.replace(/[a-z]$/, ''),
    'topology.kubernetes.io/zone': zone,
    ...options.labels,
  };
  const capacity = { cpu: '2', memory: '8Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations: options.annotations },
    spec: { providerID, taints: options.taints, unschedulable: options.unschedulable },
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', reason: ready ? 'KubeletReady' : 'KubeletNotReady' },
      ],
      addresses: [{ type: 'Hostname', address: options.hostname ?? name }],
      nodeInfo: {
        bootID: options.bootId ?? `boot-of-${name}`,
        kubeletVersion: 'v1.36.3',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}

/** An instance id that belongs to a node's name, always the same. */
export function instanceIdOf(nodeName: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(nodeName)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `i-0${hash.toString(16).padStart(16, '0')}`;
}

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
  const { name, namespace = 'default', node, owner, graceSeconds = 30, phase = 'Running' } = options;
  const isMirror = options.mirror === true;
  const ready = options.ready ?? phase === 'Running';
  const ownerName = options.ownerName ?? (name.includes('-') ? name.slice(0, name.lastIndexOf('-')) : name);
  const ownerOf = isMirror
    ? ownerReference('Node', '', node ?? '')
    : owner && ownerReference(owner, namespace, ownerName);
  const startsAfterMs = options.startsAfterMs ?? (phase === 'Pending' ? 'never' : undefined);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: options.labels ?? { app: ownerName },
      annotations: {
        ...options.annotations,
        ...(isMirror && { 'kubernetes.io/config.mirror': 'static' }),
        ...(options.endsAfterMs !== undefined && { [endsAfterAnnotation]: String(options.endsAfterMs) }),
        ...(startsAfterMs !== undefined && { [startsAfterAnnotation]: String(startsAfterMs) }),
      },
      finalizers: options.finalizers,
      ownerReferences: ownerOf && [ownerOf],
    },
    spec: {
      containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }],
      terminationGracePeriodSeconds: graceSeconds,
      nodeName: node,
      volumes: options.emptyDir === true ? [{ name: 'scratch', emptyDir: {} }] : undefined,
      priorityClassName: options.priorityClassName,
      tolerations: options.tolerations,
      serviceAccountName: options.serviceAccountName,
    },
    status: { phase, qosClass: 'BestEffort', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

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
      ownerReferences: deployment === undefined ? undefined : [ownerReference('Deployment', namespace, deployment)],
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
      unhealthyPodEvictionPolicy,
    },
    status,
  };
}
