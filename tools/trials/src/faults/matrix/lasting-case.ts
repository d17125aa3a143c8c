import { systemClock } from '@node-termination-handler/clock';
import type { ProgramName } from '../../program.ts';
import type { Fault } from '../catalogue/fault.ts';
import { runCase } from '../../case.ts';
import type { CaseResult } from '../../case.ts';
import { finish } from '../world/finish.ts';
import { watchProbe } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../../wait.ts';
import { startWorld } from '../world/world.ts';
import { lies } from './fault-case.ts';

/** How long a program may go without its source before its readiness probe must say so, in seconds, with some to spare. */
const TOLD_WITHIN_SECONDS: Readonly<Record<ProgramName, number>> = { 'imds-agent': 45, 'queue-processor': 110 };

/**
 * A fault that lasts until the readiness probe tells: it must tell, and be well again when the fault is over. The liveness probe
 * must say all the time that the process is alive: a restart would mend nothing.
 */
export function playLasting(fault: Fault, program: ProgramName): Promise<CaseResult> {
  return runCase({ group: fault.area, name: `${fault.name} until the readiness probe tells (${program})` }, async () => {
    await using world = await startWorld();
    const running = world.start(program);
    await untilAtWork(world);
    using liveness = watchProbe(running, 'liveness');
    using probe = watchProbe(running, 'readiness');
    const end = await fault.begin(world);
    const [node = ''] = world.going;
    await world.interrupt(node, program === 'imds-agent' ? 'metadata' : 'spot');
    const told = await waitUntil(() => probe.answers.at(-1) === 503, TOLD_WITHIN_SECONDS[program] * 1000);
    await end();
    const endedAt = systemClock.monotonic();
    const well = await waitUntil(() => probe.answers.at(-1) === 200, 30_000);
    const finding = await finish(world, { endedAt, boundSeconds: 30 });
    return {
      ...finding,
      violations: [
        ...finding.violations,
        ...lies(liveness.answers),
        ...(told ? [] : [`the readiness probe said nothing for ${TOLD_WITHIN_SECONDS[program]} s`]),
        ...(well ? [] : ['the readiness probe was not well again when the fault was over']),
      ],
    };
  });
}
