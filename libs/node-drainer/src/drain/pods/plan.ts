import type { PlannedPod } from '../progress.ts';
import { judgePod } from '../rules.ts';
import type { RuleContext } from '../rules.ts';
import type { PodSummary } from './pod-summary.ts';
import type { TrackedPod } from './tracked-pod.ts';
import { trackPod } from './tracked-pod.ts';

/** What is to happen to pods, worked out by the rules alone. */
export interface Plan {
  readonly planned: readonly PlannedPod[];
  readonly warnings: readonly string[];
  /** Those that must go, the longest grace first. */
  readonly leaving: readonly TrackedPod[];
  /** The uids of those that stay. */
  readonly staying: readonly string[];
  /** Those that forbid the drain. */
  readonly refused: readonly PlannedPod[];
}

/** Judges pods; pure. */
export function planPods(pods: readonly PodSummary[], context: RuleContext, podGracePeriodSeconds: number): Plan {
  const planned: PlannedPod[] = [];
  const warnings: string[] = [];
  const leaving: TrackedPod[] = [];
  const staying: string[] = [];
  for (const pod of pods) {
    const { decision, reason, warning } = judgePod(pod, context);
    const tracked = trackPod(pod, podGracePeriodSeconds);
    planned.push({ pod: pod.ref, decision, reason, graceSeconds: tracked.graceSeconds });
    if (warning !== undefined) warnings.push(warning);
    if (decision === 'skip' || decision === 'refuse') staying.push(pod.ref.uid);
    else leaving.push(tracked);
  }
  leaving.sort((a, b) => b.graceSeconds - a.graceSeconds);
  return { planned, warnings, leaving, staying, refused: planned.filter(({ decision }) => decision === 'refuse') };
}
