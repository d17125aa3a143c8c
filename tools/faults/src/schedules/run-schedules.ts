import type { CaseResult } from '../report/case-result.ts';
import { playAll } from '../report/play-all.ts';
import type { PlayOptions } from '../report/play-all.ts';
import { playSchedule } from './play-schedule.ts';
import { makeSchedule } from './schedule.ts';

/** How many schedules are played, and which. */
export interface SchedulesOptions extends PlayOptions {
  readonly count: number;
  /** Only this seed. Default: 1 to `count`. */
  readonly seed?: number;
}

/** Plays the schedules of as many seeds, some at once. */
export function runSchedules(options: SchedulesOptions): Promise<readonly CaseResult[]> {
  const { count, seed } = options;
  const seeds = seed === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [seed];
  return playAll(
    seeds.map((one) => () => playSchedule(makeSchedule(one))),
    options,
  );
}
