import type { SlimPod } from '../pods/slim-pod.ts';
import { completedPod } from './completed-pod.ts';
import { daemonSetPod } from './daemon-set-pod.ts';
import { emptyDirPod } from './empty-dir-pod.ts';
import { latePod } from './late-pod.ts';
import { mirrorPod } from './mirror-pod.ts';
import { ownPod } from './own-pod.ts';
import type { Rule, RuleContext, Verdict } from './rule.ts';
import { terminatingPod } from './terminating-pod.ts';
import { unmanagedPod } from './unmanaged-pod.ts';

/** The first that has a word on a pod decides. A new rule is one file and one line here. */
const RULES: readonly Rule[] = [
  ownPod,
  mirrorPod,
  completedPod,
  daemonSetPod,
  terminatingPod,
  latePod,
  emptyDirPod,
  unmanagedPod,
];

/** What is to happen to a pod, by the rules of `kubectl drain`. See https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/ */
export function judgePod(pod: SlimPod, context: RuleContext): Verdict {
  for (const rule of RULES) {
    const verdict = rule(pod, context);
    if (verdict) return verdict;
  }
  return {
    decision: 'evict',
    reason: pod.controller ? `managed by ${pod.controller.kind} ${pod.controller.name}` : '',
  };
}
