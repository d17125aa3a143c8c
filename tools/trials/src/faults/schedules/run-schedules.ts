import type { CaseResult } from '../../case.ts';
import { playAll } from '../../case.ts';
import type { PlayOptions } from '../../case.ts';
import { playSchedule } from './play-schedule.ts';
import { differences, makeRecording, readRecording, writeRecording } from './recording.ts';
import type { PlayedSchedule, Recording } from './recording.ts';
import type { Observations } from './observe.ts';
import { makeSchedule } from './schedule.ts';

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
    seeds.map((one) => () => playAndCompare(one, recording)),
    options,
  );
}

function seedsUpTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Plays a schedule, and again when it was done otherwise than recorded: what differs every time has changed. */
async function playAndCompare(seed: number, recording: Recording): Promise<CaseResult> {
  const schedule = makeSchedule(seed);
  const played: Observations[] = [];
  for (;;) {
    const result = await playSchedule(schedule, (seen) => played.push(seen));
    const changes = differences(recording, schedule, played);
    if (result.outcome === 'failed' || changes.length === 0) return result;
    if (played.length === PLAYS) return { ...result, violations: changes, outcome: 'failed' };
  }
}

/** Plays the recorded schedules several times, and writes down anew what the programs do; nothing when a play fails. */
export async function recordSchedules(options: PlayOptions): Promise<readonly CaseResult[]> {
  const plays: PlayedSchedule[] = [];
  const seeds = Array.from({ length: ROUNDS }, () => seedsUpTo(RECORDED_SEEDS)).flat();
  const results = await playAll(
    seeds.map((seed) => () => {
      const schedule = makeSchedule(seed);
      return playSchedule(schedule, (observations) => plays.push({ schedule, observations }));
    }),
    options,
  );
  if (results.every(({ outcome }) => outcome === 'passed')) await writeRecording(makeRecording(plays, ROUNDS));
  return results;
}
