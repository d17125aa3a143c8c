import { eventId } from '../event.ts';
import { notActionable, parsedEvents, poison } from '../outcome.ts';
import type { ImdsParser } from '../parser.ts';
import { fingerprint } from '../text.ts';

/** The document as instance metadata shows it. */
export const targetLifecycleStateSample = 'Terminated';

/**
 * Reads `autoscaling/target-lifecycle-state`. `Terminated` and `Warmed:*` take the instance out of service; an empty document means that
 * there is no group. An instance that has just been launched into the warm pool has a `Warmed:*` target, too: whoever acts on one has to
 * know that the instance was in service before.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
 */
export const targetLifecycleState: ImdsParser = {
  path: '/latest/meta-data/autoscaling/target-lifecycle-state',
  parse(body, { instanceId, now }) {
    const state = body.trim();
    if (state === '') return notActionable('the instance has no target lifecycle state');
    if (!/^[A-Za-z][A-Za-z:-]{0,62}$/.test(state)) {
      return poison('autoscaling/target-lifecycle-state: is not a lifecycle state');
    }
    const isWarmed = state.startsWith('Warmed:');
    if (state !== 'Terminated' && !isWarmed) {
      return notActionable(`target lifecycle state "${state}" needs no action`);
    }
    const goesIntoPool = isWarmed && state !== 'Warmed:Terminated';
    return parsedEvents({
      kind: 'ASG_LIFECYCLE',
      id: eventId(`target-lifecycle-state-terminated-${fingerprint('ASG_LIFECYCLE', instanceId, state)}`),
      monitor: 'ASG_LIFECYCLE_MONITOR',
      description: `ASG target lifecycle state received. Instance will be ${goesIntoPool ? 'put into the warm pool' : 'terminated'}`,
      instanceId,
      noticedAt: now,
      startTime: now,
      state,
      ...(goesIntoPool ? { destination: 'WarmPool' as const } : {}),
    });
  },
};
