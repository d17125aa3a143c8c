import { randomBytes } from 'node:crypto';
import type { AwsSimulator, ImdsSimulator } from '@node-termination-handler/sandbox';
import { eventually } from '../wait.ts';
import type { Kube, NodeObject, Taint } from '../kube.ts';

/** How a node and the instance under it are set up; every field has a default. */
export interface SceneNodeOptions {
  /** Default: a new one. */
  readonly instanceId?: string;
  /** Default: a private DNS name of its own. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  /** The node's `kubernetes.io/hostname`. Default: its name. */
  readonly hostname?: string;
  /** The instance's private DNS name. Default: the node's name. */
  readonly privateDnsName?: string;
  /** Whether the instance carries the managed tag, `false`, or another value of the tag. Default true. */
  readonly managed?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** The Auto Scaling group it belongs to. Default: none. */
  readonly group?: string;
  /** Its kubelet has not come up. Default false. */
  readonly notReady?: boolean;
  /** Leave out `spec.providerID`. Default false. */
  readonly withoutProviderId?: boolean;
}

/** A node of a scenario with the instance under it. */
export interface SceneNode {
  readonly name: string;
  readonly uid: string;
  readonly instanceId: string;
  readonly zone: string;
  readonly privateDnsName: string;
  /** Its instance metadata service; started for the agent of this node. */
  imds?: ImdsSimulator;
}

const managedTag = 'aws-node-termination-handler/managed';
const zone = 'us-east-1a';

/** An instance id like EC2's. */
export function newInstanceId(): string {
  return `i-0${randomBytes(8).toString('hex')}`;
}

/** Creates the node and its instance, and waits until the node takes pods. */
export async function createSceneNode(
  kube: Kube,
  aws: AwsSimulator,
  sceneLabels: Readonly<Record<string, string>>,
  options: SceneNodeOptions,
): Promise<SceneNode> {
  const instanceId = options.instanceId ?? newInstanceId();
  const name = options.name ?? `ip-${randomBytes(4).join('-')}.ec2.internal`;
  const privateDnsName = options.privateDnsName ?? name;
  const created = await kube.create<NodeObject>('/api/v1/nodes', 'Node', {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': options.hostname ?? name,
        'topology.kubernetes.io/zone': zone,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': 'm6i.large',
        ...sceneLabels,
        ...options.labels,
      },
      annotations: {
        // As a kubelet says it: the controllers attach and detach the volumes of this node.
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...(options.notReady === true && { 'control-plane/not-ready': 'true' }),
      },
    },
    spec: {
      ...(options.withoutProviderId !== true && { providerID: `aws:///${zone}/${instanceId}` }),
      ...(options.taints && { taints: options.taints }),
      ...(options.unschedulable === true && { unschedulable: true }),
    },
  });
  aws.ec2.put({
    instanceId,
    privateDnsName,
    availabilityZone: zone,
    lifecycle: 'spot',
    tags: { ...(options.managed === false ? {} : { [managedTag]: 'true' }), ...options.tags },
  });
  if (options.group !== undefined) aws.autoScaling.attach(instanceId, options.group);
  if (options.notReady !== true) await whenReady(kube, name);
  return { name, uid: created.metadata.uid, instanceId, zone, privateDnsName };
}

async function whenReady(kube: Kube, name: string): Promise<void> {
  const look = async () => {
    const node = await kube.get<NodeObject>(`/api/v1/nodes/${name}`);
    const ready = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    const unwelcome = node.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready') ?? false;
    return ready && !unwelcome;
  };
  await eventually(`node ${name} to be ready`, look, 60_000);
}
