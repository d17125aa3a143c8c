import type { ProgramName } from '../../index.ts';
import type { Fault } from '../catalogue/fault.ts';
import { runCase } from '../report/case-result.ts';
import type { CaseResult } from '../report/case-result.ts';
import { finish } from '../world/finish.ts';
import { watchProbe } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../world/wait.ts';
import { startWorld } from '../world/world.ts';

/** How long a program may go without its source before its probe must say so, in seconds, with some to spare. */
const TOLD_WITHIN_SECONDS: Readonly<Record<ProgramName, number>> = { 'imds-agent': 45, 'queue-processor': 110 };

/** A fault that lasts until the probe tells: it must tell, and be well again when the fault is over. */
export function playLasting(fault: Fault, program: ProgramName): Promise<CaseResult> {
  return runCase(fault.area, `${fault.name} until the probe tells (${program})`, async () => {
    await using world = await startWorld();
    const running = world.start(program);
    await untilAtWork(world);
    using probe = watchProbe(running);
    const end = await fault.begin(world);
    const [node = ''] = world.going;
    await world.interrupt(node, program === 'imds-agent' ? 'metadata' : 'spot');
    const told = await waitUntil(() => probe.answers.at(-1) === 503, TOLD_WITHIN_SECONDS[program] * 1000);
    await end();
    const endedAt = performance.now();
    const well = await waitUntil(() => probe.answers.at(-1) === 200, 30_000);
    const finding = await finish(world, { endedAt, boundSeconds: 30 });
    return {
      ...finding,
      violations: [
        ...finding.violations,
        ...(told ? [] : [`the probe said nothing for ${TOLD_WITHIN_SECONDS[program]} s`]),
        ...(well ? [] : ['the probe was not well again when the fault was over']),
      ],
    };
  });
}
