import type { GoFunction } from '../evaluate/go-function.ts';
import { aDuration, fn0, fn1 } from '../evaluate/parameter.ts';
import { durationString, roundDuration, truncateDuration } from '../time/duration.ts';
import { DURATION } from '../values/types.ts';
import { float, int64, integer, string } from '../values/value.ts';

type Method = (nanoseconds: bigint) => GoFunction;

const inUnit =
  (unit: bigint): Method =>
  (nanoseconds) =>
    fn0(() => float(Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)));
const wholeIn =
  (unit: bigint): Method =>
  (nanoseconds) =>
    fn0(() => int64(nanoseconds / unit));

/**
 * The methods of `time.Duration`.
 *
 * @see https://pkg.go.dev/time#Duration
 */
export const DURATION_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Abs', (nanoseconds) => fn0(() => integer(absolute(nanoseconds), DURATION))],
  ['Hours', inUnit(3_600_000_000_000n)],
  ['Microseconds', wholeIn(1000n)],
  ['Milliseconds', wholeIn(1_000_000n)],
  ['Minutes', inUnit(60_000_000_000n)],
  ['Nanoseconds', wholeIn(1n)],
  ['Round', (nanoseconds) => fn1(aDuration, (multiple) => integer(roundDuration(nanoseconds, multiple), DURATION))],
  ['Seconds', inUnit(1_000_000_000n)],
  ['String', (nanoseconds) => fn0(() => string(durationString(nanoseconds)))],
  [
    'Truncate',
    (nanoseconds) => fn1(aDuration, (multiple) => integer(truncateDuration(nanoseconds, multiple), DURATION)),
  ],
]);

function absolute(nanoseconds: bigint): bigint {
  if (nanoseconds >= 0n) return nanoseconds;
  const limit = 2n ** 63n;
  return -nanoseconds >= limit ? limit - 1n : -nanoseconds;
}
