/** What was done to a node; the names are those of the Go handler. */
export const nodeActions = ['cordon', 'cordon-and-drain', 'uncordon', 'pre-drain', 'post-drain'] as const;
/** One of {@link nodeActions}. */
export type NodeAction = (typeof nodeActions)[number];

/** How an action on a node ended; the names are those of the Go handler. */
export const actionStatuses = ['success', 'error'] as const;
/** One of {@link actionStatuses}. */
export type ActionStatus = (typeof actionStatuses)[number];

/** What watches for events; the names are those of the Go handler. */
export const monitors = [
  'SPOT_ITN_MONITOR',
  'SCHEDULED_EVENT_MONITOR',
  'REBALANCE_RECOMMENDATION_MONITOR',
  'ASG_LIFECYCLE_MONITOR',
  'SQS_MONITOR',
] as const;
/** One of {@link monitors}. */
export type Monitor = (typeof monitors)[number];

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
  'deleted_past_budget',
  'deleted_past_admission',
  'deleted_past_fault',
  'finished',
  'with_namespace',
  'left',
  'lost',
] as const;
/** One of {@link podOutcomes}. */
export type PodOutcome = (typeof podOutcomes)[number];

/** How a drain ended: well; with a failure, which is tried again; with its node, whose pods had not all been told to end. */
export const drainOutcomes = ['drained', 'failed', 'lost'] as const;
/** One of {@link drainOutcomes}. */
export type DrainOutcome = (typeof drainOutcomes)[number];

/** What became of a webhook message: delivered, given up after the last try, or dropped because too many waited. */
export const webhookOutcomes = ['delivered', 'failed', 'dropped'] as const;
/** One of {@link webhookOutcomes}. */
export type WebhookOutcome = (typeof webhookOutcomes)[number];

/**
 * The label for `value`: itself if it is in the closed set, else `other`.
 *
 * A label that could hold anything grows a time series for each value, until memory ends.
 */
export function bounded<Label extends string>(set: readonly Label[], value: string): Label | 'other' {
  return set.find((label) => label === value) ?? 'other';
}
