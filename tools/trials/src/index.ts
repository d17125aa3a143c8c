export { bundleOf, mustBeBuilt, Program, root } from './program.ts';
export type { LogLine, ProgramName } from './program.ts';
export { causeOfMessage, NOTHING, sandboxEvidence } from './evidence.ts';
export type { Evidence } from './evidence.ts';
export { INVARIANTS } from './invariants.ts';
export type { Invariant, InvariantName } from './invariants.ts';
export { isClaimedForNothing, RecordHistory } from './node-record.ts';
