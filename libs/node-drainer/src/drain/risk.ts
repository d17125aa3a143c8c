import { secondsShort } from './decide.ts';
import type { DrainRun } from './drain-run.ts';
import type { TrackedPod } from './pods/tracked-pod.ts';
import { isSettled, lookAt } from './pods/tracked-pod.ts';

/** The circumstances of the drain for a look at any of its pods now. */
export function circumstances(run: DrainRun) {
  const { clock, deadline, marginMs, onDeadline, podGracePeriodSeconds } = run.settings;
  return {
    nowMs: clock.now(),
    deadlineMs: deadline.atMs,
    marginMs,
    onDeadline,
    graceIsOverridden: podGracePeriodSeconds >= 0,
  };
}

/** Says which of these pods may not end before the deadline, each pod once, those held by the same budget together. */
export function tellRisks(run: DrainRun, pods: readonly TrackedPod[]): void {
  const now = circumstances(run);
  const byBudget = new Map<string | undefined, { pods: TrackedPod[]; secondsShort: number }>();
  for (const pod of pods) {
    if (pod.isRiskTold || isSettled(pod)) continue;
    const short = secondsShort(lookAt(pod, now));
    if (short === undefined) continue;
    pod.isRiskTold = true;
    const risk = byBudget.get(pod.budget);
    if (risk === undefined) byBudget.set(pod.budget, { pods: [pod], secondsShort: short });
    else {
      risk.pods.push(pod);
      risk.secondsShort = Math.max(risk.secondsShort, short);
    }
  }
  for (const [budget, risk] of byBudget) {
    const names = risk.pods.map(({ slim }) => `${slim.ref.namespace}/${slim.ref.name}`).join(', ');
    const held = budget === undefined ? '' : `, held by budget ${budget}`;
    run.emit({
      type: 'at-risk',
      pods: risk.pods.map(({ slim }) => slim.ref),
      ...(budget !== undefined && { budget }),
      secondsShort: risk.secondsShort,
      message: `may not end in time, ${risk.secondsShort} s short${held}: ${names}`,
    });
  }
}
