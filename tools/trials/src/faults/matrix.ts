import { sleep, systemClock } from '@node-termination-handler/clock';
import { andAlso, playAll, runCase } from '../case.ts';
import type { CaseResult, PlayOptions } from '../case.ts';
import type { Program, ProgramName } from '../program.ts';
import { waitUntil } from '../wait.ts';
import { queueFaults } from './aws-faults.ts';
import { catalogue, metadataFaults } from './catalogue.ts';
import { finish, untilAtWork, watchProbe } from './course.ts';
import { USUAL_BOUND_SECONDS } from './fault.ts';
import type { Fault } from './fault.ts';
import { hostileScenes } from './scenes/hostile-scenes.ts';
import { processScenes } from './scenes/process-scenes.ts';
import { playScene } from './scenes/scene.ts';
import { clusterScenes, queueScenes } from './scenes/service-scenes.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

/** How long a fault is held, in ms: more than a try and its repetition. */
const HOLD_MS = 2500;

/** One row of the matrix: a fault that comes in the middle of a drain, and during which other nodes are interrupted. */
function playFault(fault: Fault, program: ProgramName): Promise<CaseResult> {
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
    const { boundSeconds = USUAL_BOUND_SECONDS, allowance = {} } = fault;
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds, allowance, liveness: [probe] });
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

/** How long a program may go without its source before its readiness probe must say so, in seconds, with some to spare. */
const TOLD_WITHIN_SECONDS: Readonly<Record<ProgramName, number>> = { 'imds-agent': 45, 'queue-processor': 110 };

/**
 * A fault that lasts until the readiness probe tells: it must tell, and be well again when the fault is over. The liveness probe
 * must say all the time that the process is alive: a restart would mend nothing.
 */
function playLasting(fault: Fault, program: ProgramName): Promise<CaseResult> {
  const name = `${fault.name} until the readiness probe tells (${program})`;
  return runCase({ group: fault.area, name }, async () => {
    await using world = await startWorld();
    const running = world.start(program);
    await untilAtWork(world);
    using liveness = watchProbe(running, 'liveness');
    using readiness = watchProbe(running, 'readiness');
    const end = await fault.begin(world);
    const [node = ''] = world.going;
    await world.interrupt(node, program === 'imds-agent' ? 'metadata' : 'spot');
    const told = await waitUntil(() => readiness.answers.at(-1) === 503, TOLD_WITHIN_SECONDS[program] * 1000);
    await end();
    const endedAt = systemClock.monotonic();
    const well = await waitUntil(() => readiness.answers.at(-1) === 200, 30_000);
    return andAlso(await finish(world, { endedAt, boundSeconds: 30, liveness: [liveness] }), [
      ...(told ? [] : [`the readiness probe said nothing for ${TOLD_WITHIN_SECONDS[program]} s`]),
      ...(well ? [] : ['the readiness probe was not well again when the fault was over']),
    ]);
  });
}

/** How the matrix is run. */
export interface MatrixOptions extends PlayOptions {
  /** Only cases whose name contains one of these words; all when empty. */
  readonly filters: readonly string[];
  /** Without the cases that wait until a probe tells, which take two minutes. */
  readonly quick: boolean;
}

interface Case {
  readonly name: string;
  readonly play: () => Promise<CaseResult>;
}

/** The faults that last until a probe tells. */
function lastingCases(): readonly Case[] {
  const [refuses] = metadataFaults;
  const [unavailable] = queueFaults;
  return [
    ...(unavailable
      ? [{ name: `${unavailable.name} until`, play: () => playLasting(unavailable, 'queue-processor') }]
      : []),
    ...(refuses ? [{ name: `${refuses.name} until`, play: () => playLasting(refuses, 'imds-agent') }] : []),
  ];
}

function allCases(quick: boolean): readonly Case[] {
  return [
    ...(quick ? [] : lastingCases()),
    ...catalogue.flatMap((fault) =>
      fault.programs.map((program) => ({
        name: `${fault.area}: ${fault.name} (${program})`,
        play: () => playFault(fault, program),
      })),
    ),
    ...[...queueScenes, ...clusterScenes, ...processScenes, ...hostileScenes].map((scene) => ({
      name: `${scene.group}: ${scene.name}`,
      play: () => playScene(scene),
    })),
  ];
}

/** Runs every row of the matrix, some at once; results in the order of the rows. */
export function runMatrix(options: MatrixOptions): Promise<readonly CaseResult[]> {
  const { filters, quick } = options;
  const chosen = allCases(quick).filter(
    ({ name }) => filters.length === 0 || filters.some((word) => name.includes(word)),
  );
  return playAll(
    chosen.map(({ play }) => play),
    options,
  );
}
