import pMap from 'p-map';
import { judgeTime } from './case-result.ts';
import type { CaseResult } from './case-result.ts';

/** How cases are played. */
export interface PlayOptions {
  /** How many at once. */
  readonly concurrency: number;
  /** By how much a bound may be exceeded; see {@link judgeTime}. */
  readonly patience: number;
  /** Told each result as it comes. */
  readonly onResult: (result: CaseResult) => void;
}

/** Plays cases, some at once, and judges their time; results in the order of the cases. */
export function playAll(
  plays: readonly (() => Promise<CaseResult>)[],
  { concurrency, patience, onResult }: PlayOptions,
): Promise<readonly CaseResult[]> {
  return pMap(
    plays,
    async (play) => {
      const result = judgeTime(await play(), patience);
      onResult(result);
      return result;
    },
    { concurrency },
  );
}
