import { settingsAbout } from '../setting.ts';
import { boolean, choice } from '../types/choice.ts';

const setting = settingsAbout('Marks on the node', 'imds-agent', 'queue-processor');

/** Taints and labels that a node gets beside the cordon. */
export const markRows = [
  setting({
    name: 'TAINT_NODE',
    type: boolean(),
    default: false,
    description: 'Taint the node with the kind and id of the event.',
  }),
  setting({
    name: 'TAINT_EFFECT',
    type: choice('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    default: 'NoSchedule',
    description: 'The effect of that taint.',
  }),
  setting({
    name: 'EXCLUDE_FROM_LOAD_BALANCERS',
    type: boolean(),
    default: false,
    description: 'Label the node so that load balancers stop sending to it before its pods go.',
  }),
  setting({
    name: 'ENABLE_OUT_OF_SERVICE_TAINT',
    type: boolean(),
    default: false,
    description:
      'Taint a node as out of service as soon as EC2 itself says that its instance is stopped or terminated, so that its volumes are detached at once; not with `CORDON_ONLY`. The agent does not ask EC2, and sets no such taint.',
  }),
  setting({
    name: 'EMIT_NODE_CONDITIONS',
    type: boolean(),
    default: false,
    new: true,
    description:
      'Tell of maintenance and drains in the conditions of the node, for `kubectl wait --for=condition=Drained` and whatever else reads them: `MaintenancePlanned`, `MaintenanceInProgress`, `DrainInProgress`, `Drained`. Those of others are never overwritten. Needs the right to patch `nodes/status`.',
  }),
] as const;
