import type { FaultRule as Rule } from '@node-termination-handler/sandbox';

/** A rule for whatever request comes. */
export type FaultRule = Rule<unknown>;
