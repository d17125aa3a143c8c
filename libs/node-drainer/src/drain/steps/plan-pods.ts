import { DrainStopped } from '../drain-stopped.ts';
import { planPods } from '../pods/plan.ts';
import { tellRisks } from '../risk.ts';
import type { DrainStep } from './step.ts';

/** Lists the pods, and says what will be done with each before anything is. */
export const planAllPods: DrainStep = {
  name: 'plan-pods',
  async run(run, watch) {
    const { settings } = run;
    const pods = await watch.list();
    const plan = planPods(pods, { ...settings, cameAfterCordon: false }, settings.podGracePeriodSeconds);
    for (const pod of plan.leaving) run.pods.add(pod);
    for (const uid of plan.staying) run.pods.addStaying(uid);
    run.emit({ type: 'planned', pods: plan.planned, warnings: plan.warnings, deadline: settings.deadline.at });
    if (plan.refused.length > 0) throw new DrainStopped('not-allowed', plan.warnings.join('; '));
    if (settings.dryRun || plan.leaving.length === 0) return 'end';
    tellRisks(run, plan.leaving);
    watch.followOn();
    return 'go-on';
  },
};
