import * as v from 'valibot';

import { TEST_NOTIFICATION } from '../envelope.ts';
import type { InstanceId, LifecycleHook } from '../event.ts';
import { instanceIdField, requiredText, withFields } from '../fields.ts';
import { notActionable, poison } from '../outcome.ts';
import type { ParseOutcome } from '../outcome.ts';

/** What kind of lifecycle notification it is, before the rest is read. */
export const lifecycleKind = v.looseObject({
  Event: v.optional(v.string()),
  LifecycleTransition: v.optional(v.string()),
});

const lifecycleAction = v.object({
  LifecycleActionToken: requiredText,
  AutoScalingGroupName: requiredText,
  LifecycleHookName: requiredText,
  EC2InstanceId: instanceIdField,
});

/** An instance and the lifecycle action that waits for it. */
export interface LifecycleAction {
  readonly instanceId: InstanceId;
  readonly hook: LifecycleHook;
}

/**
 * Reads the fields that both lifecycle transitions share and goes on with them.
 *
 * @param transition - The transition that the detail-type promises.
 */
export function withLifecycleAction(
  detail: v.InferOutput<typeof lifecycleKind>,
  transition: string,
  use: (action: LifecycleAction) => ParseOutcome,
): ParseOutcome {
  if (detail.Event === TEST_NOTIFICATION || detail.LifecycleTransition === TEST_NOTIFICATION) {
    return notActionable('Auto Scaling test notification');
  }
  // Draining an instance that is being launched would be worse than leaving the message.
  if (detail.LifecycleTransition !== undefined && detail.LifecycleTransition !== transition) {
    return poison('detail.LifecycleTransition: does not fit the detail-type');
  }
  return withFields(lifecycleAction, detail, 'detail', (fields) =>
    use({
      instanceId: fields.EC2InstanceId,
      hook: {
        autoScalingGroupName: fields.AutoScalingGroupName,
        lifecycleHookName: fields.LifecycleHookName,
        lifecycleActionToken: fields.LifecycleActionToken,
      },
    }),
  );
}
