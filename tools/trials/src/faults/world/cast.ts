import { pod } from '@node-termination-handler/sandbox';
import type { KubernetesObjectInput, LifecycleHookOptions, SandboxNode } from '@node-termination-handler/sandbox';

/** What belongs to others on every node, and must be there at the end. */
export const FOREIGN = {
  label: ['team', 'blue'],
  annotation: ['example.com/note', 'mine'],
  taint: { key: 'pool', value: 'old', effect: 'NoSchedule' },
} as const;

/** A node that no event names. */
export const STAYING = 'staying';

export const GROUP = 'workers';

/** The names of nodes that may be interrupted. */
export function goingNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `going-${index + 1}`);
}

export const hook: LifecycleHookOptions = {
  name: 'drain',
  group: GROUP,
  transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  heartbeatTimeoutSeconds: 300,
};

/** A node with marks that are not the programs'. */
export function castNode(name: string, imds: boolean): SandboxNode {
  return {
    name,
    imds,
    group: GROUP,
    labels: { [FOREIGN.label[0]]: FOREIGN.label[1] },
    annotations: { [FOREIGN.annotation[0]]: FOREIGN.annotation[1] },
    taints: [FOREIGN.taint],
  };
}

/** Pods of a node: two that end at once, one that takes its time, and one of a DaemonSet that stays. */
export function castPods(node: string, slowMs: number): readonly KubernetesObjectInput[] {
  return [
    pod({ name: `web-${node}-1`, node, owner: 'ReplicaSet', ownerName: 'web' }),
    pod({ name: `web-${node}-2`, node, owner: 'ReplicaSet', ownerName: 'web' }),
    pod({ name: `slow-${node}`, node, owner: 'ReplicaSet', ownerName: 'slow', endsAfterMs: slowMs }),
    pod({ name: `daemon-${node}`, node, owner: 'DaemonSet', ownerName: 'daemon' }),
  ];
}
