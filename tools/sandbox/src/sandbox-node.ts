import { instanceIdOf, node } from './kubernetes/index.ts';
import type { KubernetesObjectInput, NodeOptions } from './kubernetes/index.ts';

/** A node of the sandbox: a Kubernetes node and the EC2 instance under it. */
export interface SandboxNode extends NodeOptions {
  /** Give the instance a metadata service, for an imds-agent on this node. Default false. */
  readonly imds?: boolean;
  /** The Auto Scaling group it belongs to. Default: none. */
  readonly group?: string;
  /** Whether the instance carries {@link managedTag}. Default true. */
  readonly managed?: boolean;
  /** Tags besides {@link managedTag}. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Default true: bought on the spot market. */
  readonly spot?: boolean;
  /** The instance's private DNS name. Default: the node's name. */
  readonly privateDnsName?: string;
}

/** The tag by which queue-processor knows the instances that it may touch (`MANAGED_TAG`). */
export const managedTag = 'aws-node-termination-handler/managed';

/** The instance under a node. */
export function instanceIdOfNode(options: SandboxNode): string {
  return options.instanceId ?? instanceIdOf(options.name);
}

/** The Kubernetes object of a node, in a zone of the sandbox's region unless it names its own. */
export function kubernetesNode(options: SandboxNode, region: string): KubernetesObjectInput {
  return node({ ...options, instanceId: instanceIdOfNode(options), zone: options.zone ?? `${region}a` });
}
