import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';

const subject = 'Marks on the node';
const both = ['imds-agent', 'queue-processor'] as const;

/** Taints and labels that a node gets beside the cordon. */
export const markRows = [
  defineSetting({
    name: 'TAINT_NODE',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'Taint the node with the kind and id of the event.',
  }),
  defineSetting({
    name: 'TAINT_EFFECT',
    type: choice('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    default: 'NoSchedule',
    programs: both,
    subject,
    description: 'The effect of that taint.',
  }),
  defineSetting({
    name: 'EXCLUDE_FROM_LOAD_BALANCERS',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'Label the node so that load balancers stop sending to it before its pods go.',
  }),
  defineSetting({
    name: 'ENABLE_OUT_OF_SERVICE_TAINT',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description:
      'Taint a drained node as out of service, so that its volumes are detached at once; not with `CORDON_ONLY`.',
  }),
] as const;
