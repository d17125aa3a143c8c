import { settingsAbout } from '../setting.ts';
import { boolean, choice } from '../types/choice.ts';
import { integer, integerOrUnset } from '../types/numbers.ts';

const setting = settingsAbout('Drain', 'imds-agent', 'queue-processor');
const maxSeconds = 2_147_483_647;

/** What is done to the pods of a node, and within what time. */
export const drainRows = [
  setting({
    name: 'DRY_RUN',
    type: boolean(),
    default: false,
    description: 'Log what would be done; write nothing to Kubernetes or AWS.',
  }),
  setting({
    name: 'CORDON_ONLY',
    type: boolean(),
    default: false,
    description: 'Cordon nodes, but do not drain them.',
  }),
  setting({
    name: 'DELETE_LOCAL_DATA',
    type: boolean(),
    default: true,
    description: 'Evict pods with `emptyDir` volumes too, whose data is lost.',
  }),
  setting({
    name: 'IGNORE_DAEMON_SETS',
    type: boolean(),
    default: true,
    description: 'Leave pods of DaemonSets where they are.',
  }),
  setting({
    name: 'POD_TERMINATION_GRACE_PERIOD',
    key: 'podTerminationGracePeriodSeconds',
    deprecated: ['GRACE_PERIOD'],
    type: integerOrUnset({ min: 0, max: maxSeconds }),
    defaultText: '-1',
    description: 'Seconds that each pod gets to end; -1 leaves each pod its own grace period.',
  }),
  setting({
    name: 'NODE_TERMINATION_GRACE_PERIOD',
    key: 'nodeTerminationGracePeriodSeconds',
    type: integer({ min: 1, max: maxSeconds }),
    default: 120,
    description:
      'Seconds from the notice within which a node is emptied whose instance goes at short notice, as after a Spot interruption or a state change, unless it goes sooner. For all other events patience alone: after so many seconds it is told once that the drain is overdue; it goes on, and no disruption budget is broken for that.',
  }),
  setting({
    name: 'POD_DEADLINE_POLICY',
    type: choice('deadline', 'respect'),
    default: 'deadline',
    new: true,
    description:
      'What happens to a pod that a disruption budget still blocks at the moment after which its grace period no longer fits before the instance goes, where it is known when: `deadline` deletes it with the grace that is left; `respect` keeps the budget, and the pod dies with the instance.',
  }),
] as const;
