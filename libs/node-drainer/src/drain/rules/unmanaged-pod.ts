import type { Rule } from './rule.ts';

/** It goes like the others, but nothing brings it back. */
export const unmanagedPod: Rule = ({ controller, ref }) =>
  controller === undefined
    ? {
        decision: 'evict',
        reason: 'not managed by a controller',
        warning: `${ref.namespace}/${ref.name} has no controller: nothing will bring it back`,
      }
    : undefined;
