export { completeLifecycleAction, isNoLongerActive, isValidationError } from './lifecycle-action.ts';
export type { Completion, WaitingAction } from './lifecycle-action.ts';
export { readQueueUrl } from './queue-url.ts';
export type { QueueAddress } from './queue-url.ts';
export { awsConnections } from './request-handler.ts';
