import type { AutoScalingGroups } from './auto-scaling/groups.ts';
import type { LifecycleAction } from './auto-scaling/lifecycle.ts';
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
import type {
  EnvelopeOptions,
  EventBridgeEnvelope,
  HealthEventOptions,
  InterruptionOptions,
  Notification,
} from './events.ts';
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
interface SentLifecycleAction extends SentMessage {
  readonly action: LifecycleAction;
}

/** How a lifecycle action is told: by EventBridge (default) or by the group straight to the queue. */
interface LifecycleSenderOptions extends SenderOptions {
  readonly via?: 'eventbridge' | 'direct';
}

/** Puts events of every kind on the queue, byte for byte as the services write them. */
export interface EventSenders {
  readonly sendSpotInterruption: (
    instanceId: string,
    options?: SenderOptions & InterruptionOptions,
  ) => Promise<SentMessage>;
  readonly sendRebalanceRecommendation: (instanceId: string, options?: SenderOptions) => Promise<SentMessage>;
  readonly sendStateChange: (instanceId: string, state: InstanceState, options?: SenderOptions) => Promise<SentMessage>;
  readonly sendCapacityReservationInterruption: (
    instanceId: string,
    options?: SenderOptions & InterruptionOptions,
  ) => Promise<SentMessage>;
  readonly sendHealthEvent: (
    instanceIds: readonly string[],
    options?: SenderOptions & HealthEventOptions,
  ) => Promise<SentMessage>;
  /** The instance's group scales in: an action for each of its termination hooks, and a message for each action. */
  readonly sendLifecycleTermination: (
    instanceId: string,
    options?: LifecycleSenderOptions,
  ) => Promise<readonly SentLifecycleAction[]>;
  /** The instance's group scales out with it: an action for each of its launch hooks, and a message for each action. */
  readonly sendLifecycleLaunch: (
    instanceId: string,
    options?: LifecycleSenderOptions,
  ) => Promise<readonly SentLifecycleAction[]>;
  /** Tells of an action, also again, as EventBridge may. */
  readonly resendLifecycleAction: (action: LifecycleAction, options?: LifecycleSenderOptions) => Promise<SentMessage>;
  readonly sendTestNotification: (group: string, options?: SenderOptions) => Promise<SentMessage>;
}

/** Senders for one queue service and the groups behind it; `origin` says where and when events come from unless told otherwise. */
export function createSenders(
  sqs: Pick<SqsSimulator, 'send'>,
  autoScaling: Pick<AutoScalingGroups, 'scaleIn' | 'scaleOut'>,
  origin: Pick<EnvelopeOptions, 'account' | 'region' | 'clock'>,
): EventSenders {
  /** Makes an event, which is known by its envelope's `id` or by its `RequestId`, and puts it on the queue. */
  const put = async <Options extends SenderOptions>(
    given: Options | undefined,
    make: (options: Options & EnvelopeOptions) => EventBridgeEnvelope | Notification,
  ): Promise<SentMessage> => {
    const options = { ...origin, ...given } as Options & SenderOptions;
    const event = make(options);
    const text = JSON.stringify(event);
    const body = options.throughSns === true ? JSON.stringify(snsNotification(text, options)) : text;
    return { messageId: await sqs.send(body, options), eventId: String('id' in event ? event.id : event.RequestId) };
  };
  const tell = (action: LifecycleAction, given: LifecycleSenderOptions | undefined): Promise<SentMessage> =>
    put(given, (options) =>
      options.via === 'direct' ? directLifecycleNotification(action, options) : lifecycleEvent(action, options),
    );
  const tellAll = (
    actions: readonly LifecycleAction[],
    options: LifecycleSenderOptions | undefined,
  ): Promise<readonly SentLifecycleAction[]> =>
    Promise.all(actions.map(async (action) => ({ action, ...(await tell(action, options)) })));
  return {
    sendSpotInterruption: (id, given) => put(given, (options) => spotInterruptionEvent(id, options)),
    sendRebalanceRecommendation: (id, given) => put(given, (options) => rebalanceRecommendationEvent(id, options)),
    sendStateChange: (id, state, given) => put(given, (options) => stateChangeEvent(id, state, options)),
    sendCapacityReservationInterruption: (id, given) => put(given, (options) => capacityReservationEvent(id, options)),
    sendHealthEvent: (ids, given) => put(given, (options) => healthEvent(ids, options)),
    sendLifecycleTermination: async (id, options) => tellAll(autoScaling.scaleIn(id, { isTold: false }), options),
    sendLifecycleLaunch: async (id, options) => tellAll(autoScaling.scaleOut(id, { isTold: false }), options),
    resendLifecycleAction: tell,
    sendTestNotification: (group, given) => put(given, (options) => testNotification(group, options)),
  };
}
