import type { Rule } from './rule.ts';

/** Deleting a static pod's reflection stops nothing: the kubelet makes it again. */
export const mirrorPod: Rule = ({ isMirror }) => (isMirror ? { decision: 'skip', reason: 'a static pod' } : undefined);
