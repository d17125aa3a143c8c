import type { LifecycleAction, LifecycleTransition } from './auto-scaling/lifecycle.ts';
import type { AutoScalingStore } from './auto-scaling/store.ts';
import type { InstanceState } from './ec2/instances.ts';
import {
  capacityReservationEvent,
  directLifecycleNotification,
  healthEvent,
  lifecycleEvent,
  rebalanceRecommendationEvent,
  snsNotification,
  spotInterruptionEvent,
  stateChangeEvent,
  testNotification,
} from './events.ts';
import type { EnvelopeOptions, EventBridgeEnvelope, HealthEventOptions, InstanceAction } from './events.ts';
import type { SendOptions, SqsSimulator } from './sqs/simulator.ts';

/** How an event reaches the queue; the origin defaults to the sandbox's own account and region. */
export interface SenderOptions extends EnvelopeOptions, SendOptions {
  /** Through an SNS topic that wraps it. Default false. */
  readonly throughSns?: boolean;
}

/** A message that is on the queue. */
export interface SentMessage {
  /** The id that SQS gave it. */
  readonly messageId: string;
  /** The envelope's `id`, or the notification's `RequestId`. */
  readonly eventId: string;
}

/** A lifecycle action and the message that tells of it. */
export interface SentLifecycleAction extends SentMessage {
  readonly action: LifecycleAction;
}

/** How a lifecycle action is told: by EventBridge (default) or by the group straight to the queue. */
export interface LifecycleSenderOptions extends SenderOptions {
  readonly via?: 'eventbridge' | 'direct';
}

/** Puts events of every kind on the queue, byte for byte as the services write them. */
export interface EventSenders {
  readonly sendSpotInterruption: (
    instanceId: string,
    options?: SenderOptions & { readonly action?: InstanceAction },
  ) => Promise<SentMessage>;
  readonly sendRebalanceRecommendation: (instanceId: string, options?: SenderOptions) => Promise<SentMessage>;
  readonly sendStateChange: (instanceId: string, state: InstanceState, options?: SenderOptions) => Promise<SentMessage>;
  readonly sendCapacityReservationInterruption: (
    instanceId: string,
    options?: SenderOptions & { readonly action?: InstanceAction },
  ) => Promise<SentMessage>;
  readonly sendHealthEvent: (
    instanceIds: readonly string[],
    options?: SenderOptions & HealthEventOptions,
  ) => Promise<SentMessage>;
  /** The instance's group begins to terminate it: an action for each of its hooks, and a message for each action. */
  readonly sendLifecycleTermination: (
    instanceId: string,
    options?: LifecycleSenderOptions,
  ) => Promise<readonly SentLifecycleAction[]>;
  /** The instance's group launches it: an action for each of its hooks, and a message for each action. */
  readonly sendLifecycleLaunch: (
    instanceId: string,
    options?: LifecycleSenderOptions,
  ) => Promise<readonly SentLifecycleAction[]>;
  /** Tells of an action again, as EventBridge may. */
  readonly resendLifecycleAction: (action: LifecycleAction, options?: LifecycleSenderOptions) => Promise<SentMessage>;
  readonly sendTestNotification: (group: string, options?: SenderOptions) => Promise<SentMessage>;
}

/** Senders for one queue service and the groups behind it. */
export function createSenders(
  sqs: Pick<SqsSimulator, 'send'>,
  autoScaling: Pick<AutoScalingStore, 'begin'>,
  origin: { readonly account: string; readonly region: string },
): EventSenders {
  const put = async (body: object, eventId: string, options: SenderOptions): Promise<SentMessage> => {
    const text = JSON.stringify(body);
    const wrapped =
      options.throughSns === true ? JSON.stringify(snsNotification(text, { ...origin, ...options })) : text;
    return { messageId: await sqs.send(wrapped, options), eventId };
  };
  const putEnvelope = (envelope: EventBridgeEnvelope, options: SenderOptions): Promise<SentMessage> =>
    put(envelope, envelope.id, options);
  const putNotification = (
    notification: Readonly<Record<string, unknown>>,
    options: SenderOptions,
  ): Promise<SentMessage> => put(notification, String(notification.RequestId), options);
  const tell = (action: LifecycleAction, options: LifecycleSenderOptions): Promise<SentMessage> =>
    options.via === 'direct'
      ? putNotification(directLifecycleNotification(action, { ...origin, ...options }), options)
      : putEnvelope(lifecycleEvent(action, { ...origin, ...options }), options);
  const begin = (
    instanceId: string,
    transition: LifecycleTransition,
    options: LifecycleSenderOptions,
  ): Promise<readonly SentLifecycleAction[]> =>
    Promise.all(
      autoScaling.begin(instanceId, transition).map(async (action) => ({ action, ...(await tell(action, options)) })),
    );
  return {
    sendSpotInterruption: (id, options) =>
      putEnvelope(spotInterruptionEvent(id, { ...origin, ...options }), { ...options }),
    sendRebalanceRecommendation: (id, options) =>
      putEnvelope(rebalanceRecommendationEvent(id, { ...origin, ...options }), { ...options }),
    sendStateChange: (id, state, options) =>
      putEnvelope(stateChangeEvent(id, state, { ...origin, ...options }), { ...options }),
    sendCapacityReservationInterruption: (id, options) =>
      putEnvelope(capacityReservationEvent(id, { ...origin, ...options }), { ...options }),
    sendHealthEvent: (ids, options) => putEnvelope(healthEvent(ids, { ...origin, ...options }), { ...options }),
    sendLifecycleTermination: (id, options = {}) => begin(id, 'autoscaling:EC2_INSTANCE_TERMINATING', options),
    sendLifecycleLaunch: (id, options = {}) => begin(id, 'autoscaling:EC2_INSTANCE_LAUNCHING', options),
    resendLifecycleAction: (action, options = {}) => tell(action, options),
    sendTestNotification: (group, options) =>
      putNotification(testNotification(group, { ...origin, ...options }), { ...options }),
  };
}
