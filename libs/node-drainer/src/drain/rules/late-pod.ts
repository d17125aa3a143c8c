import type { Rule } from './rule.ts';

/**
 * A pod that comes to a cordoned node because it tolerates the cordon would come again each time it is evicted; one
 * that was on its way when the cordon came would not.
 */
export const latePod: Rule = ({ toleratesCordon, ref }, { isLate }) =>
  isLate && toleratesCordon
    ? {
        decision: 'skip',
        reason: 'came after the cordon, which it tolerates',
        warning: `${ref.namespace}/${ref.name} tolerates the cordon and came to the node after it; it stays`,
      }
    : undefined;
