export { freePort } from './programs/free-port.ts';
export { Program } from './programs/program.ts';
export type { LogLine, ProgramName, ProgramOptions } from './programs/program.ts';
export { root } from './programs/root.ts';
