import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { wordOrDuration } from '../types/duration.ts';

const subject = 'Events';
const agent = ['imds-agent'] as const;
const both = ['imds-agent', 'queue-processor'] as const;

/** Which events are acted on, how, and when. */
export const eventRows = [
  defineSetting({
    name: 'ENABLE_SPOT_INTERRUPTION_DRAINING',
    type: boolean(),
    default: true,
    programs: agent,
    subject,
    description: 'Drain the node when its spot instance gets an interruption notice.',
  }),
  defineSetting({
    name: 'ENABLE_SCHEDULED_EVENT_DRAINING',
    type: boolean(),
    default: true,
    programs: agent,
    subject,
    description: 'Drain the node before a scheduled event of its instance, such as a retirement or reboot.',
  }),
  defineSetting({
    name: 'ENABLE_ASG_LIFECYCLE_DRAINING',
    type: boolean(),
    default: false,
    programs: agent,
    subject,
    description: 'Drain the node when the target lifecycle state of its instance becomes `Terminated`.',
  }),
  defineSetting({
    name: 'ENABLE_REBALANCE_MONITORING',
    type: boolean(),
    default: false,
    programs: agent,
    subject,
    description: 'Cordon the node on a rebalance recommendation.',
  }),
  defineSetting({
    name: 'ENABLE_REBALANCE_DRAINING',
    type: boolean(),
    default: false,
    programs: agent,
    subject,
    description: 'Cordon and drain the node on a rebalance recommendation.',
  }),
  defineSetting({
    name: 'REBALANCE_ACTION',
    type: choice('none', 'cordon', 'drain'),
    programs: both,
    new: true,
    defaultText: 'imds-agent: by the two above; queue-processor: `drain`',
    subject,
    description:
      'What a rebalance recommendation leads to; overrides `ENABLE_REBALANCE_MONITORING` and `ENABLE_REBALANCE_DRAINING`.',
  }),
  defineSetting({
    name: 'SCHEDULED_EVENT_LEAD_TIME',
    type: wordOrDuration('immediate', 'grace'),
    default: 'immediate',
    programs: both,
    new: true,
    subject,
    description:
      'When to act on a scheduled event: at once (the hardware may be failing already), or that long before its start; `grace` is `NODE_TERMINATION_GRACE_PERIOD` before it.',
  }),
  defineSetting({
    name: 'ENABLE_SQS_TERMINATION_DRAINING',
    type: boolean(),
    programs: both,
    defaultText: 'the program chooses',
    subject,
    description:
      'Chose between metadata and queue in the Go handler. Here the program is the choice; the value that asks for the other program is an error.',
  }),
] as const;
