import { settingsAbout } from '../setting.ts';
import { boolean, choice } from '../types/choice.ts';
import { hookNames } from '../types/globs.ts';
import { integerAutoOrUnset, integerOrUnset } from '../types/numbers.ts';

const queueSetting = settingsAbout('Lifecycle hooks', 'queue-processor');
const agentSetting = settingsAbout('Lifecycle hooks', 'imds-agent');
const setting = settingsAbout('Lifecycle hooks', 'imds-agent', 'queue-processor');

/** How lifecycle actions are kept alive and completed. */
export const lifecycleRows = [
  setting({
    name: 'LIFECYCLE_HOOK_NAMES',
    type: hookNames(),
    new: true,
    defaultText: 'all',
    description:
      'The hooks that are completed and kept alive; the node of any other is drained, too, and its hook left to its owner. One that launches instances into a warm pool is completed only where it is named here.',
  }),
  queueSetting({
    name: 'LIFECYCLE_RESULT_ON_FAILURE',
    type: choice('none', 'continue', 'abandon'),
    default: 'none',
    new: true,
    description:
      'What a termination hook is told shortly before it waits no longer, when pods are left; `none` leaves it to the default result of the hook.',
  }),
  queueSetting({
    name: 'COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS',
    // 48 hours: the longest that a lifecycle action can wait, https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
    type: integerOrUnset({ min: 0, max: 172_800 }),
    defaultText: '-1',
    description: 'Seconds between the end of a drain and the completion of its lifecycle action.',
  }),
  queueSetting({
    name: 'HEARTBEAT_INTERVAL',
    key: 'heartbeatIntervalSeconds',
    type: integerAutoOrUnset({ min: 30, max: 3600 }),
    defaultText: '-1',
    description:
      'Seconds between heartbeats for a lifecycle action whose drain goes on; `auto` is half the timeout of the hook; -1 sends none.',
  }),
  queueSetting({
    name: 'HEARTBEAT_UNTIL',
    key: 'heartbeatUntilSeconds',
    type: integerOrUnset({ min: 60, max: 172_800 }),
    defaultText: '-1 (172800 with `HEARTBEAT_INTERVAL`)',
    description: 'Seconds after the start of the lifecycle action after which no more heartbeats are sent.',
  }),
  agentSetting({
    name: 'COMPLETE_LIFECYCLE_ACTION_FROM_AGENT',
    type: boolean(),
    default: false,
    new: true,
    description:
      'Complete the lifecycle action from the node itself once it is drained; needs AWS permissions on the node.',
  }),
] as const;
