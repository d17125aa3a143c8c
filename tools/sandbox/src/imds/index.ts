export { startImds } from './simulator.ts';
export type { ImdsOptions, ImdsRequest, ImdsSimulator } from './simulator.ts';
export { defaultImdsInstance } from './instance.ts';
export type { ImdsInstance } from './instance.ts';
export type { ImdsMode, TokenUse } from './answer-request.ts';
export type { ImdsScheduledEvent, SpotInterruption } from './documents.ts';
