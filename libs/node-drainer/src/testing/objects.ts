import type { Node, Pod } from '../connection/wire.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import type { PodSummary } from '../drain/pods/pod-summary.ts';
import { summarizePod } from '../drain/pods/pod-summary.ts';

export interface NodeShape {
  name?: string;
  uid?: string;
  resourceVersion?: string;
  instanceId?: string;
  hostname?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string; timeAdded?: string }[];
  unschedulable?: true;
  ready?: boolean;
  bootId?: string;
}

/** A node as the API server would send it. */
export function aNode(shape: NodeShape = {}): Node {
  const name = shape.name ?? 'node-1';
  const hostname = shape.hostname ?? name;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: shape.uid ?? `uid-of-${name}`,
      resourceVersion: shape.resourceVersion ?? '1',
      labels: { 'kubernetes.io/hostname': hostname, ...shape.labels },
      // As the API server does, which leaves empty maps and lists out.
      ...(Object.keys(shape.annotations ?? {}).length > 0 && { annotations: shape.annotations! }),
    },
    spec: {
      ...(shape.instanceId && { providerID: `aws:///eu-central-1a/${shape.instanceId}` }),
      ...(shape.unschedulable && { unschedulable: true }),
      ...(shape.taints?.length && { taints: shape.taints }),
    },
    status: {
      conditions: [{ type: 'Ready', status: shape.ready === false ? 'False' : 'True' }],
      ...(shape.bootId !== undefined && { nodeInfo: aNodeInfo(shape.bootId) }),
    },
  };
}

function aNodeInfo(bootID: string): NonNullable<NonNullable<Node['status']>['nodeInfo']> {
  return {
    architecture: 'amd64',
    bootID,
    containerRuntimeVersion: 'containerd://2.1.0',
    kernelVersion: '6.12.0',
    kubeProxyVersion: '',
    kubeletVersion: 'v1.34.0',
    machineID: 'ec2a1b2c',
    operatingSystem: 'linux',
    osImage: 'Amazon Linux 2023',
    systemUUID: 'ec2a1b2c',
  };
}

/** A node as the library keeps it. */
export function aFoundNode(shape: NodeShape = {}): FoundNode {
  return toFoundNode(aNode(shape));
}

export interface PodShape {
  name?: string;
  namespace?: string;
  uid?: string;
  node?: string;
  /** Kind of its controller; `null` for none. */
  controller?: string | null;
  mirror?: boolean;
  phase?: string;
  emptyDir?: boolean;
  priorityClassName?: string;
  graceSeconds?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  tolerations?: { key?: string; operator?: string; effect?: string }[];
}

/** A pod as the API server would send it. */
export function aPod(shape: PodShape = {}): Pod {
  const name = shape.name ?? 'web-1';
  const controller = shape.controller === undefined ? 'ReplicaSet' : shape.controller;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: shape.namespace ?? 'default',
      uid: shape.uid ?? `uid-of-${name}`,
      ...(shape.mirror && { annotations: { 'kubernetes.io/config.mirror': 'abc' } }),
      ...(shape.creationTimestamp && { creationTimestamp: shape.creationTimestamp }),
      ...(shape.deletionTimestamp && { deletionTimestamp: shape.deletionTimestamp }),
      ...(controller !== null && {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: controller, name: 'owner', uid: 'o', controller: true }],
      }),
    },
    spec: {
      containers: [],
      nodeName: shape.node ?? 'node-1',
      terminationGracePeriodSeconds: shape.graceSeconds ?? 30,
      ...(shape.priorityClassName && { priorityClassName: shape.priorityClassName }),
      ...(shape.emptyDir && { volumes: [{ name: 'scratch', emptyDir: {} }] }),
      ...(shape.tolerations && { tolerations: shape.tolerations }),
    },
    status: { phase: shape.phase ?? 'Running' },
  };
}

/** A pod as the library keeps it. */
export function aPodSummary(shape: PodShape = {}): PodSummary {
  return summarizePod(aPod(shape));
}
