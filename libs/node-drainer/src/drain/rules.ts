import type { GoesLast } from './order.ts';
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
  /** How many pods of this one's controller were evicted of those that came after the cordon. Default: none. */
  readonly evictionsSinceCordon?: ((pod: PodSummary) => number) | undefined;
  /** The uids of DaemonSets that are gone though their pods are there. Default: none. */
  readonly goneDaemonSets?: ReadonlySet<string> | undefined;
  /** Which pods go last. Default: none. */
  readonly goesLast?: GoesLast | undefined;
}

/** What is to happen to a pod, and why. */
export interface Verdict {
  readonly decision: PlannedPod['decision'];
  readonly reason: string;
  /** Something a person should know. */
  readonly warning?: string;
  /** Of one that is kept: it would come again each time. */
  readonly comesBack?: boolean;
}

/** Says what to do with a pod, or nothing when the pod is none of its business. */
type Rule = (pod: PodSummary, context: RuleContext) => Verdict | undefined;

/** The first rule that has a word on a pod decides; a pod on which none has is evicted. */
const RULES: readonly Rule[] = [
  skipOwnPod,
  skipStaticPod,
  deleteCompletedPod,
  skipDaemonSetPod,
  waitForTerminatingPod,
  skipPodThatWouldReturn,
  keepPodThatReturned,
  keepEmptyDirData,
];

/** What is to happen to a pod, by the rules of `kubectl drain`. See https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/ */
export function judgePod(pod: PodSummary, context: RuleContext): Verdict {
  for (const rule of RULES) {
    const verdict = rule(pod, context);
    if (verdict) return verdict;
  }
  return evictPod(pod);
}

/** What is to happen to pods, worked out by the rules alone. */
export interface Plan {
  readonly planned: readonly PlannedPod[];
  readonly warnings: readonly string[];
  /** Those that must go, the longest grace first. */
  readonly leaving: readonly TrackedPod[];
  /** Those that stay, and count as left. */
  readonly kept: readonly TrackedPod[];
  /** The uids of those that are left alone. */
  readonly staying: readonly string[];
}

/** Judges pods by the rules, those with the longest grace first; pure. */
export function planPods(pods: readonly PodSummary[], context: RuleContext, podGracePeriodSeconds: number): Plan {
  const planned: PlannedPod[] = [];
  const warnings: string[] = [];
  const followed: TrackedPod[] = [];
  const staying: string[] = [];
  for (const pod of pods) {
    const { decision, reason, warning, comesBack } = judgePod(pod, context);
    const keptBecause = decision === 'keep' ? reason : undefined;
    const cameAfterCordon = isLate(pod, context);
    const { goesLast } = context;
    const tracked = trackPod(pod, { podGracePeriodSeconds, keptBecause, comesBack, cameAfterCordon, goesLast });
    const { group, graceSeconds } = tracked;
    planned.push({ pod: pod.ref, decision, reason, group, graceSeconds });
    if (warning !== undefined) warnings.push(warning);
    if (decision === 'skip') staying.push(pod.ref.uid);
    else followed.push(tracked);
  }
  followed.sort((a, b) => b.graceSeconds - a.graceSeconds);
  const { leaving = [], kept = [] } = Object.groupBy(followed, ({ isKept }) => (isKept ? 'kept' : 'leaving'));
  return { planned, warnings, leaving, kept, staying };
}

/** Whether a pod came to the node after the cordon. */
function isLate(pod: PodSummary, { cameAfterCordon, cordonedAt }: RuleContext): boolean {
  return cameAfterCordon || pod.createdAtMs > (cordonedAt?.getTime() ?? Infinity);
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

/** A DaemonSet's pods tolerate the cordon: evicted, they are back at once. Where they are to go, each goes once. */
function skipDaemonSetPod(pod: PodSummary, context: RuleContext): Verdict | undefined {
  if (pod.controller?.kind !== 'DaemonSet' || context.goneDaemonSets?.has(pod.controller.uid)) return undefined;
  const reason = `managed by DaemonSet ${pod.controller.name}`;
  if (context.ignoreDaemonSets) return { decision: 'skip', reason };
  return isLate(pod, context)
    ? { decision: 'skip', reason: `made anew by DaemonSet ${pod.controller.name}` }
    : undefined;
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
  if (!isLate(pod, context) || !pod.toleratesCordon) return undefined;
  return {
    decision: 'skip',
    reason: 'came after the cordon, which it tolerates',
    warning: `${nameOf(pod)} tolerates the cordon and came to the node after it; it stays`,
  };
}

/** One that was on its way when the cordon came goes. What is put on the node by name comes again however often it is evicted. */
const EVICTIONS_SINCE_CORDON = 2;

function keepPodThatReturned(pod: PodSummary, context: RuleContext): Verdict | undefined {
  const evictions = context.evictionsSinceCordon?.(pod) ?? 0;
  if (!isLate(pod, context) || evictions < EVICTIONS_SINCE_CORDON) return undefined;
  const reason = `came back after ${EVICTIONS_SINCE_CORDON} evictions`;
  return { decision: 'keep', reason, comesBack: true, warning: `${nameOf(pod)} ${reason}; it is left on the node` };
}

/** See https://kubernetes.io/docs/concepts/storage/volumes/#emptydir: the data goes with the pod. */
function keepEmptyDirData(pod: PodSummary, { deleteEmptyDirData }: RuleContext): Verdict | undefined {
  if (!pod.hasEmptyDir || deleteEmptyDirData) return undefined;
  const warning = `${nameOf(pod)} has emptyDir volumes; set deleteEmptyDirData to evict it and lose their data`;
  return { decision: 'keep', reason: 'has emptyDir volumes', warning };
}

/** Without a controller it goes like the others, but nothing brings it back. */
function evictPod(pod: PodSummary): Verdict {
  const { controller } = pod;
  if (controller !== undefined)
    return { decision: 'evict', reason: `managed by ${controller.kind} ${controller.name}` };
  const warning = `${nameOf(pod)} has no controller: nothing will bring it back`;
  return { decision: 'evict', reason: 'not managed by a controller', warning };
}

function nameOf({ ref }: PodSummary): string {
  return `${ref.namespace}/${ref.name}`;
}
