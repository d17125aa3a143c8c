export { BundleMissingError, bundleOf, mustBeBuilt, Program, root } from './program.ts';
export type { LogLine, ProgramName } from './program.ts';
