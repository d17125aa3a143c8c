import type { Rule } from './rule.ts';

/** On its way already: asking again gains nothing. */
export const terminatingPod: Rule = ({ terminatesAtMs }) =>
  terminatesAtMs === undefined ? undefined : { decision: 'wait', reason: 'terminating already' };
