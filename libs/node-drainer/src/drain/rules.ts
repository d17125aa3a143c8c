import type { PodSummary } from './pods/pod-summary.ts';
import type { TrackedPod } from './pods/tracked-pod.ts';
import { trackPod } from './pods/tracked-pod.ts';
import type { PlannedPod } from './progress.ts';

/** What a rule may depend on beside the pod. */
export interface RuleContext {
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  readonly skipPods: readonly { readonly namespace: string; readonly name: string }[];
  /** Whether the pod came to the node after its pods had been listed, and so after the cordon. */
  readonly cameAfterCordon: boolean;
  /** The moment of the cordon, where it is known. */
  readonly cordonedAt?: Date | undefined;
}

/** What is to happen to a pod, and why. */
export interface Verdict {
  readonly decision: PlannedPod['decision'];
  readonly reason: string;
  /** Something a person should know. */
  readonly warning?: string;
}

/** Says what to do with a pod, or nothing when the pod is none of its business. */
type Rule = (pod: PodSummary, context: RuleContext) => Verdict | undefined;

/** The first rule that has a word on a pod decides; a pod on which none has is evicted. */
const RULES: readonly Rule[] = [
  skipOwnPod,
  skipStaticPod,
  deleteCompletedPod,
  skipOrRefuseDaemonSetPod,
  waitForTerminatingPod,
  skipPodThatWouldReturn,
  refuseEmptyDirData,
  warnOfUnmanagedPod,
];

/** What is to happen to a pod, by the rules of `kubectl drain`. See https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/ */
export function judgePod(pod: PodSummary, context: RuleContext): Verdict {
  for (const rule of RULES) {
    const verdict = rule(pod, context);
    if (verdict) return verdict;
  }
  return {
    decision: 'evict',
    reason: pod.controller ? `managed by ${pod.controller.kind} ${pod.controller.name}` : '',
  };
}

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

/** Judges pods by the rules, those with the longest grace first; pure. */
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

/** The program must live to finish what it does. */
function skipOwnPod({ ref }: PodSummary, { skipPods }: RuleContext): Verdict | undefined {
  const isOwn = skipPods.some(({ namespace, name }) => namespace === ref.namespace && name === ref.name);
  return isOwn ? { decision: 'skip', reason: 'named as one to skip' } : undefined;
}

/** Deleting a static pod's reflection stops nothing: the kubelet makes it again. */
function skipStaticPod({ isMirror }: PodSummary): Verdict | undefined {
  return isMirror ? { decision: 'skip', reason: 'a static pod' } : undefined;
}

/** Nothing runs in it, so no budget protects it and no data is lost with it. */
function deleteCompletedPod({ isCompleted, terminatesAtMs }: PodSummary): Verdict | undefined {
  return isCompleted && terminatesAtMs === undefined ? { decision: 'delete', reason: 'has ended' } : undefined;
}

/** A DaemonSet's pods tolerate the cordon: evicted, they would be back at once. */
function skipOrRefuseDaemonSetPod(pod: PodSummary, { ignoreDaemonSets }: RuleContext): Verdict | undefined {
  if (pod.controller?.kind !== 'DaemonSet') return undefined;
  const reason = `managed by DaemonSet ${pod.controller.name}`;
  if (ignoreDaemonSets) return { decision: 'skip', reason };
  const warning = `${nameOf(pod)} is ${reason}; set ignoreDaemonSets to leave such pods on the node`;
  return { decision: 'refuse', reason, warning };
}

/** On its way already: asking again gains nothing. */
function waitForTerminatingPod({ terminatesAtMs }: PodSummary): Verdict | undefined {
  return terminatesAtMs === undefined ? undefined : { decision: 'wait', reason: 'terminating already' };
}

/**
 * A pod that comes to a cordoned node because it tolerates the cordon would come again each time it is evicted; one
 * that was on its way when the cordon came would not.
 */
function skipPodThatWouldReturn(pod: PodSummary, context: RuleContext): Verdict | undefined {
  const cameAfterCordon = context.cameAfterCordon || pod.createdAtMs > (context.cordonedAt?.getTime() ?? Infinity);
  if (!cameAfterCordon || !pod.toleratesCordon) return undefined;
  return {
    decision: 'skip',
    reason: 'came after the cordon, which it tolerates',
    warning: `${nameOf(pod)} tolerates the cordon and came to the node after it; it stays`,
  };
}

/** See https://kubernetes.io/docs/concepts/storage/volumes/#emptydir: the data goes with the pod. */
function refuseEmptyDirData(pod: PodSummary, { deleteEmptyDirData }: RuleContext): Verdict | undefined {
  if (!pod.hasEmptyDir || deleteEmptyDirData) return undefined;
  const warning = `${nameOf(pod)} has emptyDir volumes; set deleteEmptyDirData to evict it and lose their data`;
  return { decision: 'refuse', reason: 'has emptyDir volumes', warning };
}

/** It goes like the others, but nothing brings it back. */
function warnOfUnmanagedPod(pod: PodSummary): Verdict | undefined {
  if (pod.controller !== undefined) return undefined;
  const warning = `${nameOf(pod)} has no controller: nothing will bring it back`;
  return { decision: 'evict', reason: 'not managed by a controller', warning };
}

function nameOf({ ref }: PodSummary): string {
  return `${ref.namespace}/${ref.name}`;
}
