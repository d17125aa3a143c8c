import type { Rule } from './rule.ts';

/** Nothing runs in it, so no budget protects it and no data is lost with it. */
export const completedPod: Rule = ({ isCompleted, terminatesAtMs }) =>
  isCompleted && terminatesAtMs === undefined ? { decision: 'delete', reason: 'has ended' } : undefined;
