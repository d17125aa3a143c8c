import { sleep, systemClock } from '@node-termination-handler/clock';
import { andAlso, playAll } from '../case.ts';
import type { Case, CaseResult, Finding, PlayOptions } from '../case.ts';
import type { ProgramName } from '../program.ts';
import { waitUntil } from '../wait.ts';
import { queueFaults } from './aws-faults.ts';
import { catalogue, metadataFaults } from './catalogue.ts';
import { finish, scene, untilAtWork, untilCordoned, watchProbe } from './course.ts';
import { USUAL_BOUND_SECONDS } from './fault.ts';
import type { Fault } from './fault.ts';
import { groupScenes } from './scenes/group-scenes.ts';
import { hostileScenes } from './scenes/hostile-scenes.ts';
import { clockScenes, processScenes } from './scenes/process-scenes.ts';
import { clusterScenes, fileScenes, queueScenes } from './scenes/service-scenes.ts';
import type { World } from './world.ts';

/** How long a fault is held, in ms: more than a try and its repetition. */
const HOLD_MS = 2500;

/** One row of the matrix: a fault that comes in the middle of a drain, and during which other nodes are interrupted. */
function inTheMiddle(fault: Fault, program: ProgramName): Case {
  const isAgent = program === 'imds-agent';
  return scene(fault.area, `${fault.name} (${program})`, { going: 3, slowMs: 600 }, async (world) => {
    const { first, second: during } = world;
    const [watched] = (isAgent ? world.going : [first]).map((node) =>
      world.start(program, { node, podName: `${program}-${node}` }),
    );
    if (watched === undefined) throw new RangeError('no program was started');
    await untilAtWork(world);
    using probe = watchProbe(watched, 'liveness');
    await world.interrupt(first, isAgent ? 'metadata' : 'lifecycle');
    await untilCordoned(world, first);
    const end = await fault.begin(world);
    await world.interrupt(during, isAgent ? 'metadata' : 'lifecycle');
    await sleep(systemClock, HOLD_MS / 2);
    await world.interrupt(world.going[2] ?? '', isAgent ? 'metadata' : 'spot');
    await sleep(systemClock, HOLD_MS / 2);
    await end();
    const { boundSeconds = USUAL_BOUND_SECONDS, allowance = {} } = fault;
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds, allowance, liveness: [probe] });
  });
}

/** How long a program may go without its source before its readiness probe must say so, in seconds, with some to spare. */
const TOLD_WITHIN_SECONDS: Readonly<Record<ProgramName, number>> = { 'imds-agent': 45, 'queue-processor': 110 };

/**
 * A fault that lasts until the readiness probe tells: it must tell, and be well again when the fault is over. The liveness probe
 * must say all the time that the process is alive: a restart would mend nothing.
 */
function lasting(fault: Fault | undefined, program: ProgramName): readonly Case[] {
  if (fault === undefined) return [];
  const course = async (world: World): Promise<Finding> => {
    const running = world.start(program);
    await untilAtWork(world);
    using liveness = watchProbe(running, 'liveness');
    using readiness = watchProbe(running, 'readiness');
    await waitUntil(() => readiness.answers.at(-1) === 200, 30_000);
    const end = await fault.begin(world);
    await world.interrupt(world.first, program === 'imds-agent' ? 'metadata' : 'spot');
    const told = await waitUntil(() => readiness.answers.at(-1) === 503, TOLD_WITHIN_SECONDS[program] * 1000);
    await end();
    const endedAt = systemClock.monotonic();
    const well = await waitUntil(() => readiness.answers.at(-1) === 200, 30_000);
    // Who hears of it when the two minutes are nearly over can tell nobody before.
    const allowance = { lateMs: 30_000 };
    return andAlso(await finish(world, { endedAt, boundSeconds: 30, allowance, liveness: [liveness] }), [
      ...(told ? [] : [`the readiness probe said nothing for ${TOLD_WITHIN_SECONDS[program]} s`]),
      ...(well ? [] : ['the readiness probe was not well again when the fault was over']),
    ]);
  };
  return [scene(fault.area, `${fault.name} until the readiness probe tells (${program})`, {}, course)];
}

/** How the matrix is run. */
export interface MatrixOptions extends PlayOptions {
  /** Only cases whose name contains one of these words; all when empty. */
  readonly filters: readonly string[];
  /** Only what processes alone show, in seconds: signals, memory, files, TLS, bytes on a socket. */
  readonly quick: boolean;
}

/** Runs every row of the matrix, some at once; results in the order of the rows. */
export function runMatrix(options: MatrixOptions): Promise<readonly CaseResult[]> {
  const { filters, quick } = options;
  const faults = catalogue.filter(({ needsProcesses = false }) => needsProcesses || !quick);
  const long: readonly Case[] = [
    ...lasting(queueFaults[0], 'queue-processor'),
    ...lasting(metadataFaults[0], 'imds-agent'),
    ...[...groupScenes, ...clusterScenes, ...clockScenes, ...queueScenes],
  ];
  const cases = [
    // What takes longest begins first.
    ...(quick ? [] : long),
    ...processScenes,
    ...faults.flatMap((fault) => fault.programs.map((program) => inTheMiddle(fault, program))),
    ...[...fileScenes, ...hostileScenes],
  ];
  const isChosen = ({ group, name }: Case): boolean =>
    filters.length === 0 || filters.some((word) => `${group}: ${name}`.includes(word));
  return playAll(cases.filter(isChosen), options);
}
