export { startImds } from './simulator.ts';
export type { ImdsOptions, ImdsRequest, ImdsSimulator } from './simulator.ts';
export { defaultImdsInstance } from './documents.ts';
export type { ImdsInstance } from './documents.ts';
export type { ImdsMode, TokenUse } from './answer.ts';
export type { ImdsScheduledEvent, SpotInterruption } from './documents.ts';
