import type { PodEnding } from '../progress.ts';
import type { Plan } from '../rules.ts';
import { planPods } from '../rules.ts';
import type { DrainRun } from '../run.ts';
import { daemonSetsOf } from './orphans.ts';
import type { PodSummary } from './pod-summary.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** Judges pods, follows those that must go or count as left, and says what will be done with each. */
export async function takeInPlan(
  run: DrainRun,
  pods: readonly PodSummary[],
  { cameAfterCordon, withinMs }: { readonly cameAfterCordon: boolean; readonly withinMs?: number },
): Promise<Plan> {
  const { settings, client, signal } = run;
  const daemonSets = await daemonSetsOf(pods, { ...settings, client, signal, withinMs });
  signal.throwIfAborted();
  const evictionsSinceCordon = (pod: PodSummary) => settings.memory.evictions(run.node, settings.cordonedAt, pod);
  const context = { ...settings, cameAfterCordon, evictionsSinceCordon, goneDaemonSets: daemonSets.gone };
  const plan = planPods(pods, context, settings.podGracePeriodSeconds);
  for (const pod of [...plan.leaving, ...plan.kept]) {
    run.pods.add(pod);
    // What an earlier process had done, nobody else can tell of any more.
    if (!settings.dryRun) run.account(pod, endingOf(pod));
  }
  for (const uid of plan.staying) run.pods.addStaying(uid);
  for (const pod of pods) if (daemonSets.unread.has(pod.controller?.uid ?? '')) run.pods.addUnsure(pod);
  run.emit({ type: 'planned', pods: plan.planned, warnings: plan.warnings, deadline: settings.deadline.at });
  return plan;
}

function endingOf({ graceSeconds, seen: { evictedWithSeconds } }: TrackedPod): PodEnding | undefined {
  if (evictedWithSeconds === undefined) return undefined;
  // The kubelet writes 0 when the containers have ended.
  return evictedWithSeconds > 0 && evictedWithSeconds < graceSeconds ? 'hurried' : 'evicted';
}
