import type { Taint } from '../connection/wire.ts';

/** The part of a node that this library works with; everything else is dropped as it comes in. */
export interface FoundNode {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Label `kubernetes.io/hostname`. */
  readonly hostname?: string;
  /** `spec.providerID`, on EC2 `aws:///<zone>/<instance id>`. */
  readonly providerId?: string;
  /** From the provider id, else the label `alpha.eksctl.io/instance-id`, else a node name that is one. */
  readonly instanceId?: string;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly labels: Readonly<Record<string, string>>;
  /** All annotations of a node read alone; in an index, those it was told to keep. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether the node has any annotation, kept or not; when missing, those kept are all. */
  readonly annotated?: boolean | undefined;
  /** Condition `Ready` is `True`. */
  readonly ready: boolean;
}

/** What is known about a node from outside: its name, its host name, or its instance. */
export interface NodeRef {
  /** Node name, or its `kubernetes.io/hostname`, in full or up to the first dot. */
  name?: string;
  /** EC2 instance id. */
  instanceId?: string;
}
