import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { integer, integerOrUnset } from '../types/numbers.ts';

const subject = 'Drain';
const both = ['imds-agent', 'queue-processor'] as const;
const maxSeconds = 2_147_483_647;

/** What is done to the pods of a node, and within what time. */
export const drainRows = [
  defineSetting({
    name: 'DRY_RUN',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'Log what would be done; write nothing to Kubernetes or AWS.',
  }),
  defineSetting({
    name: 'CORDON_ONLY',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'Cordon nodes, but do not drain them.',
  }),
  defineSetting({
    name: 'DELETE_LOCAL_DATA',
    type: boolean(),
    default: true,
    programs: both,
    subject,
    description: 'Evict pods with `emptyDir` volumes too, whose data is lost.',
  }),
  defineSetting({
    name: 'IGNORE_DAEMON_SETS',
    type: boolean(),
    default: true,
    programs: both,
    subject,
    description: 'Leave pods of DaemonSets where they are.',
  }),
  defineSetting({
    name: 'POD_TERMINATION_GRACE_PERIOD',
    key: 'podTerminationGracePeriodSeconds',
    deprecated: ['GRACE_PERIOD'],
    type: integerOrUnset({ min: 0, max: maxSeconds }),
    defaultText: '-1',
    programs: both,
    subject,
    description: 'Seconds that each pod gets to end; -1 leaves each pod its own grace period.',
  }),
  defineSetting({
    name: 'NODE_TERMINATION_GRACE_PERIOD',
    key: 'nodeTerminationGracePeriodSeconds',
    type: integer({ min: 1, max: maxSeconds }),
    default: 120,
    programs: both,
    subject,
    description: 'Seconds that the drain of a node may take.',
  }),
  defineSetting({
    name: 'POD_DEADLINE_POLICY',
    type: choice('deadline', 'respect'),
    default: 'deadline',
    programs: both,
    new: true,
    subject,
    description:
      'What happens to a pod that a disruption budget still blocks at the moment after which its grace period no longer fits before the instance goes: `deadline` deletes it with the grace that is left; `respect` keeps the budget, and the pod dies with the instance.',
  }),
] as const;
