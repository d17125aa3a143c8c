export { startAws } from './simulator.ts';
export type { AwsOptions, AwsSimulator } from './simulator.ts';
export type { AwsCall, AwsService } from './call.ts';
export type {
  AutoScalingStore,
  GroupInstance,
  LifecycleActionKey,
  RefusedLifecycleCall,
} from './auto-scaling/store.ts';
export type { LifecycleAction, LifecycleMoment } from './auto-scaling/lifecycle.ts';
export { globalTimeoutSeconds } from './auto-scaling/lifecycle.ts';
export type {
  LifecycleHook,
  LifecycleHookOptions,
  LifecycleResult,
  LifecycleTransition,
} from './auto-scaling/lifecycle.ts';
export type { Ec2Instance, InstanceState } from './ec2/instances.ts';
export type { Ec2InstanceOptions, Ec2Store } from './ec2/instances.ts';
export { eventBridgeEnvelope } from './events.ts';
export type { EnvelopeOptions, EventBridgeEnvelope } from './events.ts';
export {
  capacityReservationEvent,
  rebalanceRecommendationEvent,
  spotInterruptionEvent,
  stateChangeEvent,
} from './events.ts';
export { healthEvent } from './events.ts';
export type { HealthEventOptions } from './events.ts';
export { directLifecycleNotification, lifecycleEvent, testNotification } from './events.ts';
export { snsNotification } from './events.ts';
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
