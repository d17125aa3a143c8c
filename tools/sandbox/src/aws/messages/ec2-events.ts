import type { InstanceState } from '../ec2/instance.ts';
import { eventBridgeEnvelope, instanceArn } from './envelope.ts';
import type { EnvelopeOptions, EventBridgeEnvelope } from './envelope.ts';

/** What is about to be done to an instance. */
export type InstanceAction = 'terminate' | 'stop' | 'hibernate';

/**
 * A spot interruption warning, two minutes before the instance goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function spotInterruptionEvent(
  instanceId: string,
  options: EnvelopeOptions & { readonly action?: InstanceAction } = {},
): EventBridgeEnvelope {
  const detail = { 'instance-id': instanceId, 'instance-action': options.action ?? 'terminate' };
  const resources = [instanceArn(instanceId, options)];
  return eventBridgeEnvelope('aws.ec2', 'EC2 Spot Instance Interruption Warning', resources, detail, options);
}

/**
 * A rebalance recommendation.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export function rebalanceRecommendationEvent(instanceId: string, options: EnvelopeOptions = {}): EventBridgeEnvelope {
  const resources = [instanceArn(instanceId, options)];
  const detail = { 'instance-id': instanceId };
  return eventBridgeEnvelope('aws.ec2', 'EC2 Instance Rebalance Recommendation', resources, detail, options);
}

/**
 * A change of an instance's state.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-state-change-event.html
 */
export function stateChangeEvent(
  instanceId: string,
  state: InstanceState,
  options: EnvelopeOptions = {},
): EventBridgeEnvelope {
  const resources = [instanceArn(instanceId, options)];
  const detail = { 'instance-id': instanceId, state };
  return eventBridgeEnvelope('aws.ec2', 'EC2 Instance State-change Notification', resources, detail, options);
}

/**
 * A warning that an instance in an interruptible capacity reservation goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html
 */
export function capacityReservationEvent(
  instanceId: string,
  options: EnvelopeOptions & { readonly action?: InstanceAction } = {},
): EventBridgeEnvelope {
  const detail = { 'instance-id': instanceId, 'instance-action': options.action ?? 'terminate' };
  const detailType = 'EC2 Capacity Reservation Instance Interruption Warning';
  return eventBridgeEnvelope('aws.ec2', detailType, [instanceArn(instanceId, options)], detail, options);
}
