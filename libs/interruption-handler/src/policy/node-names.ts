import type { NodeInterruption } from './node-interruption.ts';

/** The prefix of every label, annotation and taint of this program, the same as that of the handler it can replace. */
export const KEY_PREFIX = 'aws-node-termination-handler/';

/** Holds the id of the event for which the node was cordoned. */
export const EVENT_ID_LABEL = `${KEY_PREFIX}event-id`;

/** Holds what is to be done after the host has restarted: `UncordonAfterReboot`. */
export const ACTION_LABEL = `${KEY_PREFIX}action`;

/** Holds when {@link ACTION_LABEL} was set, in seconds since 1970. */
export const ACTION_TIME_LABEL = `${KEY_PREFIX}action-time`;

/** The annotation that names the event for which this program cordoned a node that could be scheduled to before. */
export const CORDONED_FOR_ANNOTATION = `${KEY_PREFIX}cordoned-for`;

/** The value of {@link ACTION_LABEL} that asks for an uncordon once the host has restarted. */
export const UNCORDON_AFTER_REBOOT = 'UncordonAfterReboot';

/** Every taint key this program sets for an event. */
export const TAINT_KEYS = {
  spotInterruption: `${KEY_PREFIX}spot-itn`,
  scheduledMaintenance: `${KEY_PREFIX}scheduled-maintenance`,
  lifecycleTermination: `${KEY_PREFIX}asg-lifecycle-termination`,
  rebalanceRecommendation: `${KEY_PREFIX}rebalance-recommendation`,
} as const;

/** Names the taint that tells people and schedulers why a node goes away. */
export function taintKey(event: NodeInterruption): string {
  switch (event.kind) {
    case 'SPOT_ITN':
    // EC2 reclaims the capacity with a two-minute notice, as it does with Spot: tolerations for that fit here too.
    // falls through
    case 'CAPACITY_RESERVATION_ITN':
      return TAINT_KEYS.spotInterruption;
    case 'SCHEDULED_EVENT':
      return TAINT_KEYS.scheduledMaintenance;
    case 'STATE_CHANGE':
    case 'ASG_LIFECYCLE':
      return TAINT_KEYS.lifecycleTermination;
    case 'REBALANCE_RECOMMENDATION':
      return TAINT_KEYS.rebalanceRecommendation;
  }
}
