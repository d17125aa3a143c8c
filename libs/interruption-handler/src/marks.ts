import { labelValue } from '@node-termination-handler/event-parsers';
import { OWN_LABELS, OWN_PREFIX } from '@node-termination-handler/node-drainer';
import type { ClaimRecord } from './claim.ts';
import type { ClusterMark, ClusterNode } from './cluster/cluster.ts';
import { KINDS } from './kinds.ts';
import type { NodeInterruption } from './kinds.ts';

/** Holds the id of the event for which the node was cordoned. */
export const EVENT_ID_LABEL = OWN_LABELS.eventId;

/** Holds what is to be done after the host has restarted: `UncordonAfterReboot`. */
export const ACTION_LABEL = OWN_LABELS.action;

/** Holds when {@link ACTION_LABEL} was set, in seconds since 1970. */
export const ACTION_TIME_LABEL = OWN_LABELS.actionTime;

/** The value of {@link ACTION_LABEL} that asks for an uncordon once the host has restarted. */
export const UNCORDON_AFTER_REBOOT = 'UncordonAfterReboot';

/** The annotation that names the event for which this program cordoned a node that could be scheduled to before. */
export const CORDONED_FOR_ANNOTATION = `${OWN_PREFIX}/cordoned-for`;

/** Says what one event puts on its node. Pure. */
export function markFor(event: NodeInterruption, claim: ClaimRecord | undefined, now: Date): ClusterMark {
  const value = labelValue(event.id);
  const restarts = 'restartsHost' in event && event.restartsHost;
  return {
    taint: { key: KINDS[event.kind].taintKey, value },
    labels: restarts ? { [EVENT_ID_LABEL]: value } : {},
    // A node that somebody else had cordoned before stays cordoned after its reboot, so nothing asks for its uncordon.
    labelsIfSchedulable: restarts
      ? { [ACTION_LABEL]: UNCORDON_AFTER_REBOOT, [ACTION_TIME_LABEL]: String(Math.floor(now.getTime() / 1000)) }
      : {},
    ...(claim === undefined ? {} : { claim }),
  };
}

type Marks = Pick<ClusterNode, 'annotations' | 'labels'>;

/**
 * Whether the cordon that a node has is an earlier process' of this program, or of the handler that it replaced, which asks
 * for an uncordon on no node that was cordoned before. Pure.
 */
export function isOwnCordon({ annotations, labels }: Marks): boolean {
  return annotations[CORDONED_FOR_ANNOTATION] !== undefined || labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT;
}

/** The event, as a label value, for which such a cordon was made; `undefined` when the cordon is somebody else's. Pure. */
export function cordonedFor({ annotations, labels }: Marks): string | undefined {
  const byLabel = labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT ? labels[EVENT_ID_LABEL] : undefined;
  return annotations[CORDONED_FOR_ANNOTATION] ?? byLabel;
}
