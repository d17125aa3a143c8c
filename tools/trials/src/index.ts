export { BundleMissingError, bundleOf, mustBeBuilt, Program, root } from './program.ts';
export type { LogLine, ProgramName } from './program.ts';
export { NOTHING, sandboxEvidence } from './evidence.ts';
export type { Evidence } from './evidence.ts';
export { INVARIANTS } from './invariants.ts';
export type { Invariant, InvariantName } from './invariants.ts';
