export { connectToAws, sqsEndpoint } from './connect.ts';
export { lacksRight } from './failures.ts';
export { completeLifecycleAction, isNoLongerActive, isValidationError } from './lifecycle-action.ts';
export type { Completion } from './lifecycle-action.ts';
export { readQueueUrl } from './queue-url.ts';
