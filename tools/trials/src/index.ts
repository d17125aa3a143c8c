export { bundleOf, freePort, Program, ProgramEndedError, root } from './program.ts';
export type { LogLine, ProgramName, ProgramOptions } from './program.ts';
export { eventually, HopelessError, waitUntil } from './wait.ts';
