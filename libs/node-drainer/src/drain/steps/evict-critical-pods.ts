import { releaseGroup } from '../release-group.ts';
import type { DrainStep } from './step.ts';

/** Evicts what the others needed while they shut down, and waits until nothing that must go is left. */
export const evictCriticalPods: DrainStep = {
  name: 'evict-critical-pods',
  async run(run) {
    releaseGroup(run, 'critical');
    await run.pods.untilSettled(() => true, run.signal);
    return 'go-on';
  },
};
