import { settingsAbout } from '../setting.ts';
import { boolean, choice } from '../types/choice.ts';
import { wordOrDuration } from '../types/numbers.ts';

const agentSetting = settingsAbout('Events', 'imds-agent');
const setting = settingsAbout('Events', 'imds-agent', 'queue-processor');

/** Which events are acted on, how, and when. */
export const eventRows = [
  agentSetting({
    name: 'ENABLE_SPOT_INTERRUPTION_DRAINING',
    type: boolean(),
    default: true,
    description: 'Drain the node when its spot instance gets an interruption notice.',
  }),
  agentSetting({
    name: 'ENABLE_SCHEDULED_EVENT_DRAINING',
    type: boolean(),
    default: true,
    description: 'Drain the node before a scheduled event of its instance, such as a retirement or reboot.',
  }),
  agentSetting({
    name: 'ENABLE_ASG_LIFECYCLE_DRAINING',
    type: boolean(),
    default: false,
    description:
      'Drain the node when the target lifecycle state of its instance becomes `Terminated`, or, of one that was in service, `Warmed:…`.',
  }),
  agentSetting({
    name: 'ENABLE_REBALANCE_MONITORING',
    type: boolean(),
    default: false,
    description: 'Cordon the node on a rebalance recommendation.',
  }),
  agentSetting({
    name: 'ENABLE_REBALANCE_DRAINING',
    type: boolean(),
    default: false,
    description: 'Cordon and drain the node on a rebalance recommendation.',
  }),
  setting({
    name: 'REBALANCE_ACTION',
    type: choice('none', 'notify', 'cordon', 'drain'),
    new: true,
    defaultText: 'imds-agent: by the two above; queue-processor: `drain`',
    description:
      'What a rebalance recommendation leads to; `notify` tells people and does nothing to the node. Overrides `ENABLE_REBALANCE_MONITORING` and `ENABLE_REBALANCE_DRAINING`.',
  }),
  setting({
    name: 'SCHEDULED_EVENT_LEAD_TIME',
    type: wordOrDuration('immediate', 'grace'),
    default: 'immediate',
    new: true,
    description:
      'When to act on a scheduled event: at once (the hardware may be failing already), or that long before its start; `grace` is `NODE_TERMINATION_GRACE_PERIOD` before it.',
  }),
  setting({
    name: 'ENABLE_SQS_TERMINATION_DRAINING',
    type: boolean(),
    defaultText: 'the program chooses',
    description:
      'Chose between metadata and queue in the Go handler. Here the program is the choice; the value that asks for the other program is an error.',
  }),
] as const;
