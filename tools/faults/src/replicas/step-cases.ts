import { runCase } from '../report/case-result.ts';
import type { CaseResult } from '../report/case-result.ts';
import { finish } from '../world/finish.ts';
import { untilAnswering } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../world/wait.ts';
import { startWorld } from '../world/world.ts';
import type { KillStep } from './kill-steps.ts';

/** A dead program's message is invisible for 4 s and its claim is believed for 20 s; then another takes over. */
const BOUND_SECONDS = 30;

/** Kills a queue-processor at one step; another replica, which waited beside it, must end what it began. */
export function playStep(step: KillStep): Promise<CaseResult> {
  return runCase('SIGKILL', step.name, async () => {
    await using world = await startWorld({ slowMs: 1500, imds: false });
    const { program } = world.start('queue-processor', { podName: 'first' });
    await untilAtWork(world);
    await world.interrupt(world.going[0] ?? '', 'lifecycle');
    const isReached = await waitUntil(() => step.isReached(world), 20_000);
    await program.stop('SIGKILL');
    const endedAt = performance.now();
    const running = [world.start('queue-processor', { podName: 'second' })];
    await Promise.all(running.map(({ probeUrl }) => untilAnswering(probeUrl)));
    // A request that was answered when its client had died may be made again; what it did is the same.
    const allowance = { repeats: true, silentWebhook: true };
    const finding = await finish(world, { endedAt, boundSeconds: BOUND_SECONDS, allowance, running });
    const doubled = evictedTwice(world.sandbox.kubernetes.requests());
    return {
      ...finding,
      violations: [...finding.violations, ...(isReached ? [] : ['the step was never reached']), ...doubled],
    };
  });
}

/** An eviction that is under way is seen by the survivor, and not repeated. */
function evictedTwice(
  requests: readonly { readonly subresource: string; readonly code: number; readonly name: string }[],
): readonly string[] {
  const names = requests
    .filter(({ subresource, code }) => subresource === 'eviction' && code === 201)
    .map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return twice.map((name) => `done twice: ${name} was evicted again`);
}
