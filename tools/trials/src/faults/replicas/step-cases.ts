import { systemClock } from '@node-termination-handler/clock';
import { repeatedEvictions } from '../invariants/repetitions.ts';
import { runCase } from '../../case.ts';
import type { CaseResult } from '../../case.ts';
import { finish } from '../world/finish.ts';
import { untilAnswering } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../../wait.ts';
import { startWorld } from '../world/world.ts';
import type { KillStep } from './kill-steps.ts';

/** A dead program's message is invisible for 4 s and its claim is believed for 20 s; then another takes over. */
const BOUND_SECONDS = 30;

/** Kills a queue-processor at one step; another replica, which waited beside it, must end what it began. */
export function playStep(step: KillStep): Promise<CaseResult> {
  return runCase({ group: 'SIGKILL', name: step.name }, async () => {
    await using world = await startWorld({ slowMs: 1500, imds: false });
    const program = world.start('queue-processor', { podName: 'first' });
    await untilAtWork(world);
    await world.interrupt(world.going[0] ?? '', 'lifecycle');
    const isReached = await waitUntil(() => step.isReached(world), 20_000);
    await program.kill();
    const endedAt = systemClock.monotonic();
    const second = world.start('queue-processor', { podName: 'second' });
    await untilAnswering(second);
    // A request that was answered when its client had died may be made again; what it did is the same.
    const allowance = { repeats: true, silentWebhook: true };
    const finding = await finish(world, { endedAt, boundSeconds: BOUND_SECONDS, allowance, running: [second] });
    // Whoever dies, no pod is evicted again.
    const doubled = repeatedEvictions(world);
    return {
      ...finding,
      violations: [...finding.violations, ...(isReached ? [] : ['the step was never reached']), ...doubled],
    };
  });
}
