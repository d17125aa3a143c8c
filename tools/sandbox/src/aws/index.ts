export { startAws } from './simulator.ts';
export type { AwsOptions, AwsSimulator } from './simulator.ts';
export type { AwsCall, AwsService } from './call.ts';
export type {
  AutoScalingStore,
  GroupInstance,
  LifecycleActionKey,
  RefusedLifecycleCall,
} from './auto-scaling/store.ts';
export type { LifecycleAction, LifecycleMoment } from './auto-scaling/lifecycle-action.ts';
export { globalTimeoutSeconds } from './auto-scaling/lifecycle-hook.ts';
export type {
  LifecycleHook,
  LifecycleHookOptions,
  LifecycleResult,
  LifecycleTransition,
} from './auto-scaling/lifecycle-hook.ts';
export type { Ec2Instance, InstanceState } from './ec2/instance.ts';
export type { Ec2InstanceOptions, Ec2Store } from './ec2/store.ts';
export { eventBridgeEnvelope } from './messages/envelope.ts';
export type { EnvelopeOptions, EventBridgeEnvelope } from './messages/envelope.ts';
export {
  capacityReservationEvent,
  rebalanceRecommendationEvent,
  spotInterruptionEvent,
  stateChangeEvent,
} from './messages/ec2-events.ts';
export { healthEvent } from './messages/health-event.ts';
export type { HealthEventOptions } from './messages/health-event.ts';
export { directLifecycleNotification, lifecycleEvent, testNotification } from './messages/lifecycle.ts';
export { snsNotification } from './messages/sns.ts';
export type {
  EventSenders,
  LifecycleSenderOptions,
  SenderOptions,
  SentLifecycleAction,
  SentMessage,
} from './senders.ts';
export type { MessageReceive, QueueMessage } from './sqs/ledger.ts';
export type { QueueDepth, QueueOptions, SendOptions, SqsSimulator } from './sqs/simulator.ts';
export { throttlingErrors } from './throttle.ts';
export type { CallRate } from './throttle.ts';
