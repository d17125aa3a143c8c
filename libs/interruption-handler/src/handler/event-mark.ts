import { labelValue } from '@node-termination-handler/event-parsers';
import type { ClaimRecord } from '../claim/claim-record.ts';
import type { NodeInterruption } from '../policy/node-interruption.ts';
import {
  ACTION_LABEL,
  ACTION_TIME_LABEL,
  EVENT_ID_LABEL,
  taintKey,
  UNCORDON_AFTER_REBOOT,
} from '../policy/node-names.ts';
import type { ClusterMark } from './cluster.ts';

/** Says what one event puts on its node. */
export function markFor(event: NodeInterruption, claim: ClaimRecord | undefined, now: Date): ClusterMark {
  const value = labelValue(event.id);
  const restarts = event.kind === 'SCHEDULED_EVENT' && event.restartsHost;
  return {
    taint: { key: taintKey(event), value },
    labels: restarts ? { [EVENT_ID_LABEL]: value } : {},
    // A node that somebody else had cordoned before stays cordoned after its reboot, so it gets no such wish.
    labelsIfSchedulable: restarts
      ? { [ACTION_LABEL]: UNCORDON_AFTER_REBOOT, [ACTION_TIME_LABEL]: String(Math.floor(now.getTime() / 1000)) }
      : {},
    ...(claim === undefined ? {} : { claim }),
  };
}
