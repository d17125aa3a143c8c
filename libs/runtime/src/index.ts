export { startEngine } from './engine.ts';
export { runProgram } from './run-program.ts';
export type { Host, ProgramDefinition, RunOptions } from './run-program.ts';
export type { Runtime } from './runtime.ts';
export { createLastingFailure } from './telling/lasting-failure.ts';
export type { LastingFailureOptions } from './telling/lasting-failure.ts';
export type { Telling } from './telling/telling.ts';
export type { TellContext } from './telling/webhook.ts';
export { watchDependency } from './watch-dependency.ts';
