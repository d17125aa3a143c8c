import { pod, podDisruptionBudget, seededRandom, workload } from '@node-termination-handler/sandbox';
import type { KubernetesObjectInput, LifecycleHookOptions, SandboxNode } from '@node-termination-handler/sandbox';
import type { Scene } from '../observe/timeline.ts';

/** A node that the demo takes away. */
export interface CastNode {
  readonly name: string;
  readonly scene: Scene;
}

/** Who plays: the nodes that go, those that stay, and everything that runs on them. */
export interface Cast {
  readonly going: readonly CastNode[];
  /** Nodes that nothing happens to: replacements of evicted pods start here. */
  readonly staying: readonly string[];
  readonly sandboxNodes: readonly SandboxNode[];
  readonly hooks: readonly LifecycleHookOptions[];
  readonly objects: readonly KubernetesObjectInput[];
  /** `namespace/name` of pods that must be left alone. */
  readonly daemonPods: readonly string[];
}

/** How long every drain may take, in seconds. The real deadlines (two minutes for spot) would not fit the picture. */
export const deadlineSeconds = 30;

/** The taint that the nodes carry for reasons of their own, and must keep. */
export const usersTaint = { key: 'pool', value: 'old', effect: 'NoSchedule' } as const;

const group = 'old-pool';
const burstSize = 20;
const podsPerNode = 8;
/** Which nodes of the burst hold a pod of the workload with the budget: early ones, so that they are drained at the same time. */
const budgetedNodes = [1, 4, 7];
const budgetedApp = 'checkout';
/** How long a replacement of a budgeted pod takes to be ready, in ms: so long the budget holds the next one back. */
const replacementStartsAfterMs = 3500;

const nodeName = (subnet: number, host: number): string => `ip-10-0-${subnet}-${host}.ec2.internal`;

function goingNodes(): CastNode[] {
  return [
    { name: nodeName(1, 10), scene: 'spot' },
    { name: nodeName(1, 20), scene: 'rebalance' },
    ...Array.from(
      { length: burstSize },
      (_, index) => ({ name: nodeName(2, 10 + index), scene: 'lifecycle' }) as const,
    ),
  ];
}

function ordinaryPods(node: string, count: number, random: () => number): KubernetesObjectInput[] {
  const host = node.split('.')[0] ?? node;
  return Array.from({ length: count }, (_, index) =>
    pod({
      name: `web-${host}-${index}`,
      node,
      owner: 'ReplicaSet',
      ownerName: 'web',
      graceSeconds: 10,
      endsAfterMs: Math.round(400 + random() * 3600),
    }),
  );
}

/** The cast, the same every time. */
export function createCast(): Cast {
  const random = seededRandom(20);
  const going = goingNodes();
  const staying = [1, 2, 3].map((host) => nodeName(9, host));
  const burst = going.filter(({ scene }) => scene === 'lifecycle');
  const budgeted = burst.filter((_, index) => budgetedNodes.includes(index));
  const daemons = going.map(({ name }) =>
    pod({
      name: `node-exporter-${name.split('.')[0] ?? name}`,
      namespace: 'monitoring',
      node: name,
      owner: 'DaemonSet',
      ownerName: 'node-exporter',
    }),
  );
  const objects = [
    workload({ kind: 'ReplicaSet', name: 'web', replicas: going.length * podsPerNode - budgeted.length }),
    workload({ kind: 'DaemonSet', name: 'node-exporter', namespace: 'monitoring' }),
    workload({ kind: 'ReplicaSet', name: budgetedApp, replicas: budgeted.length }),
    podDisruptionBudget({ name: budgetedApp, maxUnavailable: 1 }),
    ...going.flatMap((node) =>
      ordinaryPods(node.name, budgeted.includes(node) ? podsPerNode - 1 : podsPerNode, random),
    ),
    ...budgeted.map(({ name }, index) =>
      pod({
        name: `${budgetedApp}-${index}`,
        node: name,
        owner: 'ReplicaSet',
        ownerName: budgetedApp,
        graceSeconds: 10,
        endsAfterMs: 600,
        startsAfterMs: replacementStartsAfterMs,
      }),
    ),
    ...daemons,
  ];
  return {
    going,
    staying,
    sandboxNodes: [
      ...going.map(({ name, scene }) => ({
        name,
        imds: scene === 'spot',
        taints: [usersTaint],
        ...(scene === 'lifecycle' && { group }),
      })),
      ...staying.map((name) => ({ name })),
    ],
    hooks: [
      {
        name: 'drain-before-termination',
        group,
        transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        heartbeatTimeoutSeconds: deadlineSeconds,
      },
    ],
    objects,
    daemonPods: daemons.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`),
  };
}
