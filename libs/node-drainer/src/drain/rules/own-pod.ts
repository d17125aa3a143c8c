import type { Rule } from './rule.ts';

/** The program must live to finish what it does. */
export const ownPod: Rule = ({ ref }, { skipPods }) =>
  skipPods.some(({ namespace, name }) => namespace === ref.namespace && name === ref.name)
    ? { decision: 'skip', reason: 'named as one to skip' }
    : undefined;
