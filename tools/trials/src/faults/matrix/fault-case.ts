import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Program, ProgramName } from '../../program.ts';
import { USUAL_BOUND_SECONDS } from '../catalogue/fault.ts';
import type { Fault } from '../catalogue/fault.ts';
import { runCase } from '../../case.ts';
import type { CaseResult } from '../../case.ts';
import { finish } from '../world/finish.ts';
import { watchProbe } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../../wait.ts';
import { startWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';

/** How long a fault is held, in ms: more than a try and its repetition. */
const HOLD_MS = 2500;

/** One row of the matrix: a fault that comes in the middle of a drain, and during which other nodes are interrupted. */
export function playFault(fault: Fault, program: ProgramName): Promise<CaseResult> {
  return runCase({ group: fault.area, name: `${fault.name} (${program})` }, async () => {
    await using world = await startWorld({ going: 3, slowMs: 600 });
    const first = startPrograms(world, program);
    await untilAtWork(world);
    using probe = watchProbe(first, 'liveness');

    const [before = '', during = '', late = ''] = world.going;
    await world.interrupt(before, program === 'imds-agent' ? 'metadata' : 'lifecycle');
    await waitUntil(() => world.record.cordonedAt(before) !== undefined, 10_000);
    const end = await fault.begin(world);
    await world.interrupt(during, program === 'imds-agent' ? 'metadata' : 'lifecycle');
    await sleep(systemClock, HOLD_MS / 2);
    await world.interrupt(late, program === 'imds-agent' ? 'metadata' : 'spot');
    await sleep(systemClock, HOLD_MS / 2);
    await end();
    const answers = [...probe.answers];
    const finding = await finish(world, {
      endedAt: systemClock.monotonic(),
      boundSeconds: fault.boundSeconds ?? USUAL_BOUND_SECONDS,
      ...(fault.allowance && { allowance: fault.allowance }),
    });
    return { ...finding, violations: [...finding.violations, ...lies(answers)] };
  });
}

/** Starts the processor, or an agent on each node; answers with the first. */
function startPrograms(world: World, program: ProgramName): Program {
  const startOn = (node = ''): Program => world.start(program, { node, podName: `${program}-${node}` });
  const [node, ...others] = world.going;
  const first = startOn(node);
  if (program === 'imds-agent') others.forEach(startOn);
  return first;
}

/** Whatever is wrong around it, the process is alive: its probe must have said so all the time. */
export function lies(answers: readonly number[]): readonly string[] {
  if (answers.length === 0) return ['the probe was never answered'];
  return answers.some((answer) => answer !== 200) ? [`the probe answered ${answers.join(' ')}`] : [];
}
