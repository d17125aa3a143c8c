/** What was done to a node; the names are those of the Go handler. */
export const nodeActions = ['cordon', 'cordon-and-drain', 'uncordon', 'pre-drain', 'post-drain'] as const;

/** How an action on a node ended; the names are those of the Go handler. */
export const actionStatuses = ['success', 'error'] as const;

/** What watches for events; the names are those of the Go handler. */
export const monitors = [
  'SPOT_ITN_MONITOR',
  'SCHEDULED_EVENT_MONITOR',
  'REBALANCE_RECOMMENDATION_MONITOR',
  'ASG_LIFECYCLE_MONITOR',
  'SQS_MONITOR',
] as const;

/** The kinds of interruption events. */
export const eventKinds = [
  'SPOT_ITN',
  'SCHEDULED_EVENT',
  'REBALANCE_RECOMMENDATION',
  'STATE_CHANGE',
  'ASG_LIFECYCLE',
  'ASG_LAUNCH_LIFECYCLE',
  'CAPACITY_RESERVATION_ITN',
] as const;
/** One of {@link eventKinds}. */
export type EventKind = (typeof eventKinds)[number];

/** What became of a queue message. */
export const messageOutcomes = [
  'handled',
  'carried',
  'not_actionable',
  'not_managed',
  'duplicate',
  'node_not_found',
  'poison',
  'failed',
  'handed_back',
  'no_room',
] as const;
/** One of {@link messageOutcomes}. */
export type MessageOutcome = (typeof messageOutcomes)[number];

/** What became of a pod of a node that goes. */
export const podOutcomes = [
  'evicted',
  'hurried',
  'cut_short',
  'deleted_past_budget',
  'deleted_past_admission',
  'deleted_past_fault',
  'finished',
  'with_namespace',
  'left',
  'lost',
] as const;

/**
 * How a drain ended, and the reasons that each end has: in time, or late; with a failure, which is tried again; with its node, which went
 * before its pods were done.
 */
export const drainReasons = {
  drained: ['emptied', 'pods_left'],
  late: ['emptied', 'pods_left'],
  failed: [
    'budget',
    'admission',
    'missing_right',
    'server_fault',
    'grace',
    'kept_by_rule',
    'unreachable',
    'node_replaced',
    'other',
  ],
  lost: ['pods_untold', 'pods_in_grace'],
} as const;
/** How a drain ended. */
export type DrainOutcome = keyof typeof drainReasons;
/** One of the reasons of an end. */
export type DrainReason<Outcome extends DrainOutcome = DrainOutcome> = (typeof drainReasons)[Outcome][number];

/** What came of a claim on a node: taken where it was free, or over from another; lost to another; or another was quicker. */
export const claimResults = ['taken', 'taken_over', 'lost', 'refused'] as const;

/** What came of a patch that writes a node's record and marks. */
export const recordWriteResults = ['written', 'no_room', 'conflict', 'refused', 'failed'] as const;

/** What became of a webhook message: delivered, given up after the last try, or dropped because too many waited. */
export const webhookOutcomes = ['delivered', 'failed', 'dropped'] as const;

/** What a request to the API server does. */
export const kubernetesVerbs: readonly string[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** What the programs ask the API server about. */
export const kubernetesResources: readonly string[] = [
  'nodes',
  'nodes/status',
  'pods',
  'pods/eviction',
  'pods/status',
  'daemonsets',
  'poddisruptionbudgets',
  'leases',
  'events',
  'selfsubjectaccessreviews',
];

/** What comes of what is asked of others, beside that it is done. */
const failures = [
  'throttled',
  'denied',
  'not_found',
  'conflict',
  'timeout',
  'unreachable',
  'error',
  'cancelled',
] as const;

/** What came of a request to the API server. */
export const requestResults = ['ok', 'blocked', 'admission', ...failures] as const;
/** What came of a request to the API server. */
export type RequestResult = (typeof requestResults)[number];

/** The services of AWS that are called. */
export const awsServices: readonly string[] = ['sqs', 'ec2', 'autoscaling'];

/** What is asked of them. */
export const awsActions: readonly string[] = [
  'ReceiveMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibilityBatch',
  'GetQueueAttributes',
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribeAutoScalingGroups',
  'DescribeAutoScalingInstances',
  'DescribeLifecycleHooks',
  'RecordLifecycleActionHeartbeat',
  'CompleteLifecycleAction',
];

/** What came of a call of AWS. */
export const callResults = ['ok', ...failures] as const;
/** What came of a call to AWS. */
export type CallResult = (typeof callResults)[number];
