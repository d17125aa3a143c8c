import type { Node, Taint } from '../connection/wire.ts';
import { LIFECYCLE_CONDITIONS } from '../mark/marks.ts';

/** The part of a node that this library works with; everything else is dropped as it comes in. */
export interface FoundNode {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Label `kubernetes.io/hostname`. */
  readonly hostname?: string;
  /** `spec.providerID`, on EC2 `aws:///<zone>/<instance id>`. */
  readonly providerId?: string;
  /** From the provider id; of a node that no cloud gave one, from the label `alpha.eksctl.io/instance-id`, else a name that is one. */
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
  /** Conditions that tell of maintenance and drains (`LIFECYCLE_CONDITIONS`), whoever has set them; others are dropped. */
  readonly conditions: readonly LifecycleState[];
  /** `status.nodeInfo.bootID`: another after each boot of the machine; empty when the kubelet has not told it yet. */
  readonly bootId: string;
}

/** What a condition of a node says. */
export interface LifecycleState {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** What is known about a node from outside: its name, its host name, or its instance. */
export interface NodeRef {
  /** Node name, or its `kubernetes.io/hostname`, in full or up to the first dot. */
  name?: string;
  /** EC2 instance id. */
  instanceId?: string;
}

/** Label by which the kubelet tells the host's name. */
const HOSTNAME_LABEL = 'kubernetes.io/hostname';
/** Label by which eksctl's nodes tell their instance. */
const EKSCTL_INSTANCE_LABEL = 'alpha.eksctl.io/instance-id';

const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;
/** With a zone, without one, and with more between the two. */
const PROVIDER_ID = /^aws:\/\/\/(?:.*\/)?(i-[0-9a-f]{8,17})$/;
/** What distributions write where there is no cloud provider: it repeats the node's name, and tells of no machine. */
const NO_CLOUD = /^(?:k3s|rke2|kind):\/\//;

/** Keeps the part of a node that is worked with: a node's status alone is many times as long. */
export function toFoundNode(node: Node, annotationPrefixes?: readonly string[]): FoundNode {
  const metadata = node.metadata ?? {};
  const labels = metadata.labels ?? {};
  const name = metadata.name ?? '';
  const providerId = nonEmpty(node.spec?.providerID);
  const hostname = nonEmpty(labels[HOSTNAME_LABEL]);
  const instanceId = instanceIdOf(name, providerId, labels[EKSCTL_INSTANCE_LABEL]);
  return {
    name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    ...(hostname !== undefined && { hostname }),
    ...(providerId !== undefined && { providerId }),
    ...(instanceId !== undefined && { instanceId }),
    unschedulable: node.spec?.unschedulable ?? false,
    taints: node.spec?.taints ?? [],
    labels,
    annotations: pick(metadata.annotations ?? {}, annotationPrefixes),
    annotated: Object.keys(metadata.annotations ?? {}).length > 0,
    conditions: lifecycleStates(node),
    ready: node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    bootId: node.status?.nodeInfo?.bootID ?? '',
  };
}

const LIFECYCLE_TYPES: ReadonlySet<string> = new Set(LIFECYCLE_CONDITIONS);

function lifecycleStates({ status }: Node): readonly LifecycleState[] {
  return (status?.conditions ?? [])
    .filter(({ type }) => LIFECYCLE_TYPES.has(type))
    .map(({ type, status: is, reason }) => ({ type, status: is, ...(reason !== undefined && { reason }) }));
}

/** See https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/prerequisites.md for the provider id. */
function instanceIdOf(name: string, providerId: string | undefined, label: string | undefined): string | undefined {
  // What a cloud says of the machine is not overruled by what the node says of itself.
  if (providerId !== undefined && isOfCloud(providerId)) return PROVIDER_ID.exec(providerId)?.[1];
  return [label, name].find((candidate) => candidate !== undefined && INSTANCE_ID.test(candidate));
}

/** Whether a provider id is a cloud's word, whichever cloud's, about the machine. */
export function isOfCloud(providerId: string): boolean {
  return !NO_CLOUD.test(providerId);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function pick(annotations: Record<string, string>, prefixes: readonly string[] | undefined): Record<string, string> {
  if (prefixes === undefined) return annotations;
  const kept = Object.entries(annotations).filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)));
  return Object.fromEntries(kept);
}
