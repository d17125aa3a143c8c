/** A taint as this program sets it. */
export interface MarkTaint {
  key: string;
  value: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What this program's labels, taints and annotations begin with. */
export const OWN_PREFIX = 'aws-node-termination-handler';

/** Labels this program sets on nodes, by key. */
export const OWN_LABELS = {
  eventId: `${OWN_PREFIX}/event-id`,
  action: `${OWN_PREFIX}/action`,
  actionTime: `${OWN_PREFIX}/action-time`,
} as const;

/** Taints this program sets on nodes, by key. */
export const OWN_TAINTS = {
  spotItn: `${OWN_PREFIX}/spot-itn`,
  scheduledMaintenance: `${OWN_PREFIX}/scheduled-maintenance`,
  asgLifecycleTermination: `${OWN_PREFIX}/asg-lifecycle-termination`,
  rebalanceRecommendation: `${OWN_PREFIX}/rebalance-recommendation`,
} as const;

/** Keeps a node out of load balancers. See https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers */
export const LOAD_BALANCER_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** The value by which this program knows its own {@link LOAD_BALANCER_LABEL}. */
export const LOAD_BALANCER_VALUE = OWN_PREFIX;

/** Tells the cluster that the machine is off, so that volumes move at once. See https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown */
export const OUT_OF_SERVICE_TAINT: MarkTaint = {
  key: 'node.kubernetes.io/out-of-service',
  value: 'nodeshutdown',
  effect: 'NoExecute',
};

/**
 * Conditions of a node that tell of maintenance and drains. The types are Kubernetes' own (`core/v1`, since 1.37), and an older server
 * takes them as well: to it a condition's type is any text. `GracefulNodeShutdownInProgress`, the fifth of them, is the kubelet's to say.
 *
 * @see https://kubernetes.io/docs/reference/node/node-lifecycle-conditions/
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/5683-lifecycle-conditions
 */
export const LIFECYCLE_CONDITIONS = [
  'MaintenancePlanned',
  'MaintenanceInProgress',
  'DrainInProgress',
  'Drained',
] as const;
/** See {@link LIFECYCLE_CONDITIONS}. */
export type LifecycleCondition = (typeof LIFECYCLE_CONDITIONS)[number];

/** What the reason of each condition of this program begins with: by it they are told from those of others. */
export const OWN_REASON_PREFIX = 'NodeTerminationHandler';
