import { sleep, systemClock } from '@node-termination-handler/clock';
import { playAll } from '../../case.ts';
import type { Case, CaseResult, PlayOptions } from '../../case.ts';
import type { Program } from '../../program.ts';
import { finish, scene, untilAnswering, untilAtWork } from '../course.ts';
import type { Allowance } from '../../invariants.ts';
import type { World } from '../world.ts';
import { hold } from './holds.ts';
import { observe } from './observe.ts';
import type { Chance, Observations } from './observe.ts';
import { differences, makeRecording, readRecording, writeRecording } from './recording.ts';
import type { PlayedSchedule, Recording } from './recording.ts';
import { describeSchedule, makeSchedule } from './schedule.ts';
import type { PlannedFault, Schedule } from './schedule.ts';

/** The default bound, and what a killed program's messages and claims take to come free, in seconds. */
const BOUND_SECONDS = 20;

/**
 * The case of a schedule.
 *
 * @param onEnd told what was observed, when all is over
 */
function caseOf(schedule: Schedule, onEnd: (seen: Observations) => void): Case {
  const name = `seed ${schedule.seed}: ${describeSchedule(schedule)}`;
  return scene('schedules', name, { going: schedule.nodes, ends: schedule.ends }, async (world) => {
    using held = new DisposableStack();
    const holds = schedule.holds.map((planned) => ({ ...planned, hold: held.use(hold(world, planned)) }));
    using observer = observe(world, chanceOf(schedule));
    const running = startPrograms(world, schedule);
    await untilAtWork(world);
    const from = systemClock.monotonic();
    const at = (ms: number): Promise<void> => sleep(systemClock, Math.max(0, ms - (systemClock.monotonic() - from)));
    await Promise.all([
      ...schedule.interruptions.map(async ({ node, way, atMs }) => {
        await at(atMs);
        await world.interrupt(world.going[node] ?? '', way);
      }),
      ...schedule.faults.map(async ({ fault, atMs, forMs }) => {
        await at(atMs);
        const end = await fault.begin(world);
        await at(atMs + forMs);
        await end();
      }),
      ...holds.map(async ({ hold: { turn, allowDeletions }, turnsMs, deletionsUntilMs }) => {
        for (const turnMs of turnsMs) {
          await at(turnMs);
          turn();
        }
        await at(deletionsUntilMs);
        allowDeletions();
      }),
      killed(world, schedule, running, at),
    ]);
    const allowance = allowanceOf(schedule);
    const endedAt = systemClock.monotonic();
    const finding = await finish(world, { endedAt, boundSeconds: BOUND_SECONDS, allowance, running });
    onEnd(observer.observations());
    return wasHurried(world) ? { ...finding, measured: HURRIED } : finding;
  });
}

/** What is said of a schedule in which a pod got less than its grace, because its instance went. */
export const HURRIED = 'a pod was hurried';

function wasHurried({ record }: World): boolean {
  return record.pods.some(({ signal, graceSeconds }) => signal !== undefined && signal.graceSeconds < graceSeconds);
}

function startPrograms(world: World, { agents }: Schedule): Program[] {
  const started = [world.start('queue-processor', { podName: 'processor' })];
  for (const index of agents) {
    const node = world.going[index] ?? '';
    started.push(world.start('imds-agent', { node, podName: `agent-${node}` }));
  }
  return started;
}

/** Kills a program, and starts it again under the same name, as the kubelet does with its container. */
async function killed(
  world: World,
  { kill, agents }: Schedule,
  running: Program[],
  at: (ms: number) => Promise<void>,
): Promise<void> {
  if (kill === undefined) return;
  await at(kill.atMs);
  const index = running.findIndex((program) => program.name === kill.program);
  await running[index]?.kill();
  const node = world.going[agents[0] ?? 0] ?? '';
  const podName = kill.program === 'imds-agent' ? `agent-${node}` : 'processor';
  const next = world.start(kill.program, { node, podName });
  running[index] = next;
  await untilAnswering(next);
}

/** What the faults of a schedule leave to chance; a node with an agent is drained once all the same. */
function chanceOf(schedule: Schedule): Chance {
  const { faults, holds, kill } = schedule;
  return {
    holds: holds.some(({ turnsMs }) => turnsMs.length > 0),
    apiServer: kill !== undefined || faults.some(({ fault }) => fault.area === 'API server'),
    webhook: allowanceOf(schedule).silentWebhook === true,
    repeats: allowanceOf({ ...schedule, agents: [] }).repeats === true,
  };
}

/** What the faults of a schedule allow, together; agent and processor may each tell of the same node. */
function allowanceOf({ faults, kill, agents }: Schedule): Allowance {
  const allowances = faults.map(({ fault }: PlannedFault) => fault.allowance ?? {});
  return {
    lateMs: BOUND_SECONDS * 1000,
    repeats: kill !== undefined || agents.length > 0 || allowances.some(({ repeats }) => repeats === true),
    silentWebhook: kill !== undefined || allowances.some(({ silentWebhook }) => silentWebhook === true),
  };
}

/** How many schedules are played, and which. */
export interface SchedulesOptions extends PlayOptions {
  readonly count: number;
  /** Only this seed. Default: 1 to `count`. */
  readonly seed?: number;
}

/** Seeds of the schedules that are recorded, from 1 on. */
const RECORDED_SEEDS = 50;
/** How often each is played for a recording. */
const ROUNDS = 5;
/** How often a schedule is played before what differs counts as changed. */
const PLAYS = 3;

/** Plays the schedules of as many seeds, some at once, and compares with the recording what the programs did in those that it has. */
export async function runSchedules(options: SchedulesOptions): Promise<readonly CaseResult[]> {
  const { count, seed } = options;
  const recording = await readRecording();
  const seeds = seed === undefined ? seedsUpTo(count) : [seed];
  return playAll(
    seeds.map((one) => comparedCase(makeSchedule(one), recording)),
    options,
  );
}

function seedsUpTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Plays a schedule, and again when it was done otherwise than recorded: what differs every time has changed. */
function comparedCase(schedule: Schedule, recording: Recording): Case {
  const played: Observations[] = [];
  const once = caseOf(schedule, (seen) => played.push(seen));
  const play = async (): Promise<CaseResult> => {
    const result = await once.play();
    const changes = differences(recording, schedule, played);
    if (result.outcome === 'failed' || changes.length === 0) return result;
    return played.length < PLAYS ? play() : { ...result, violations: changes, outcome: 'failed' };
  };
  return { ...once, play };
}

/** Plays the recorded schedules several times, and writes down anew what the programs do; nothing when a play fails. */
export async function recordSchedules(options: PlayOptions): Promise<readonly CaseResult[]> {
  const plays: PlayedSchedule[] = [];
  const seeds = Array.from({ length: ROUNDS }, () => seedsUpTo(RECORDED_SEEDS)).flat();
  const cases = seeds.map(makeSchedule).map((schedule) => {
    return caseOf(schedule, (observations) => plays.push({ schedule, observations }));
  });
  const results = await playAll(cases, options);
  if (results.every(({ outcome }) => outcome === 'passed')) await writeRecording(makeRecording(plays, ROUNDS));
  return results;
}
