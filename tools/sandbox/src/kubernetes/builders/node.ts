import type { KubernetesObjectInput } from '../object/kubernetes-object.ts';

/** A taint of a node. */
export interface Taint {
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
}

/** A node, ready to be put into the store or sent to the API. */
export function node(options: NodeOptions): KubernetesObjectInput {
  const { name, zone = 'eu-central-1a', instanceType = 'm5.large', taints = [], ready = true } = options;
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
    metadata: { name, labels, ...(options.annotations === undefined ? {} : { annotations: options.annotations }) },
    spec: {
      ...(providerID === '' ? {} : { providerID }),
      ...(taints.length > 0 ? { taints } : {}),
      ...(options.unschedulable === true ? { unschedulable: true } : {}),
    },
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', reason: ready ? 'KubeletReady' : 'KubeletNotReady' },
      ],
      addresses: [{ type: 'Hostname', address: options.hostname ?? name }],
      nodeInfo: { kubeletVersion: 'v1.36.3', operatingSystem: 'linux', architecture: 'amd64' },
    },
  };
}

/** An instance id that belongs to a node's name, always the same. */
export function instanceIdOf(nodeName: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(nodeName)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `i-0${hash.toString(16).padStart(16, '0')}`;
}
