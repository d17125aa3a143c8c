import pMap from 'p-map';
import type { CaseResult } from '../report/case-result.ts';
import { playSchedule } from './play-schedule.ts';
import { makeSchedule } from './schedule.ts';

/** How many schedules are played, and which. */
export interface SchedulesOptions {
  readonly count: number;
  /** Only this seed. Default: 1 to `count`. */
  readonly seed?: number;
  readonly concurrency: number;
  readonly onResult: (result: CaseResult) => void;
}

/** Plays the schedules of as many seeds, some at once. */
export async function runSchedules(options: SchedulesOptions): Promise<readonly CaseResult[]> {
  const { count, seed, concurrency, onResult } = options;
  const seeds = seed === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [seed];
  return pMap(
    seeds,
    async (one) => {
      const result = await playSchedule(makeSchedule(one));
      onResult(result);
      return result;
    },
    { concurrency },
  );
}
