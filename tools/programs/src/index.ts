export { freePort } from './free-port.ts';
export { Program } from './program.ts';
export type { LogLine, ProgramName, ProgramOptions } from './program.ts';
export { root } from './root.ts';
