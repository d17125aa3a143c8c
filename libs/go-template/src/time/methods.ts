import { aDuration, aLocation, anInt, aString, aTime, fn0, fn1, fn3 } from '../funcs/func.ts';
import { DURATION, MONTH, WEEKDAY } from '../reflect/type.ts';
import { bool, byteSlice, float, int, int64, integer, locationValue, string, timeValue } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import { durationString, roundDuration, truncateDuration } from './duration.ts';
import { formatTime, goTimeSyntax, jsonTime, timeString } from './format.ts';
import {
  addNanoseconds,
  clockReading,
  compareTimes,
  fromUnixNanoseconds,
  nanosecondsBetween,
  sameInstant,
  timeAt,
  unixNanoseconds,
  UTC,
  ZERO_TIME,
} from './time.ts';
import type { GoTime, Zone } from './time.ts';
import { localZone } from './zones.ts';

type TimeMethod = (time: GoTime) => GoFunction;

const manyResults =
  (count: number, name: string): TimeMethod =>
  () => ({
    ...fn0(() => undefined),
    signatureProblem: `function ${name} has ${count} return values; should be 1 or 2`,
  });
const secondResult =
  (type: string, name: string): TimeMethod =>
  () => ({
    ...fn0(() => undefined),
    signatureProblem: `invalid function signature for ${name}: second return value should be error; is ${type}`,
  });
const clockPart =
  (part: 'year' | 'day' | 'hour' | 'minute' | 'second' | 'yearDay'): TimeMethod =>
  (time) =>
    fn0(() => int(clockReading(time)[part]));
const unixIn =
  (unit: bigint): TimeMethod =>
  (time) =>
    fn0(() => int64(floorDivide(unixNanoseconds(time), unit)));
const comparison =
  (holds: (order: -1 | 0 | 1) => boolean): TimeMethod =>
  (time) =>
    fn1(aTime, (other) => bool(holds(compareTimes(time, other))));
const inZone = (time: GoTime, zone: Zone): GoTime => ({ ...time, zone });

/**
 * The methods of `time.Time` that templates can call.
 *
 * Left out are those that a value's copy has not (`UnmarshalJSON`, …) and those that deal in binary (`GobEncode`, …).
 *
 * @see https://pkg.go.dev/time#Time
 */
export const TIME_METHODS: ReadonlyMap<string, TimeMethod> = new Map<string, TimeMethod>([
  ['Add', (time) => fn1(aDuration, (duration) => timeValue(addNanoseconds(time, duration)))],
  [
    'AddDate',
    (time) => fn3(anInt, anInt, anInt, (years, months, days) => timeValue(addDate(time, years, months, days))),
  ],
  ['After', comparison((order) => order > 0)],
  ['Before', comparison((order) => order < 0)],
  ['Clock', manyResults(3, 'Clock')],
  ['Compare', (time) => fn1(aTime, (other) => int(compareTimes(time, other)))],
  ['Date', manyResults(3, 'Date')],
  ['Day', clockPart('day')],
  ['Equal', comparison((order) => order === 0)],
  ['Format', (time) => fn1(aString, (layout) => string(formatTime(time, layout)))],
  ['GoString', (time) => fn0(() => string(goTimeSyntax(time)))],
  ['Hour', clockPart('hour')],
  ['ISOWeek', secondResult('int', 'ISOWeek')],
  ['In', (time) => fn1(aLocation, (zone) => timeValue(inZone(time, zone)))],
  ['IsDST', (time) => fn0(() => bool(clockReading(time).isDaylightSaving))],
  ['IsZero', (time) => fn0(() => bool(sameInstant(time, ZERO_TIME)))],
  ['Local', (time) => fn0(() => timeValue(inZone(time, localZone())))],
  ['Location', (time) => fn0(() => locationValue(time.zone))],
  ['MarshalJSON', (time) => fn0(() => byteSlice(`"${jsonTime(time)}"`))],
  ['MarshalText', (time) => fn0(() => byteSlice(jsonTime(time)))],
  ['Minute', clockPart('minute')],
  ['Month', (time) => fn0(() => integer(BigInt(clockReading(time).month), MONTH))],
  ['Nanosecond', (time) => fn0(() => int(time.nanoseconds))],
  ['Round', (time) => fn1(aDuration, (duration) => timeValue(toMultiple(time, duration, roundDuration)))],
  ['Second', clockPart('second')],
  ['String', (time) => fn0(() => string(timeString(time)))],
  ['Sub', (time) => fn1(aTime, (other) => integer(nanosecondsBetween(time, other), DURATION))],
  ['Truncate', (time) => fn1(aDuration, (duration) => timeValue(toMultiple(time, duration, floorToMultiple)))],
  ['UTC', (time) => fn0(() => timeValue(inZone(time, UTC)))],
  ['Unix', (time) => fn0(() => int64(BigInt(time.unixSeconds)))],
  ['UnixMicro', unixIn(1000n)],
  ['UnixMilli', unixIn(1_000_000n)],
  ['UnixNano', (time) => fn0(() => int64(unixNanoseconds(time)))],
  ['Weekday', (time) => fn0(() => integer(BigInt(clockReading(time).weekday), WEEKDAY))],
  ['Year', clockPart('year')],
  ['YearDay', clockPart('yearDay')],
  ['Zone', secondResult('int', 'Zone')],
  ['ZoneBounds', secondResult('time.Time', 'ZoneBounds')],
]);

function addDate(time: GoTime, years: number, months: number, days: number): GoTime {
  const { year, month, day, hour, minute, second } = clockReading(time);
  const setting = { year: year + years, month: month + months, day: day + days, hour, minute, second };
  return timeAt({ ...setting, nanoseconds: time.nanoseconds }, time.zone);
}

// Multiples are counted from Go's zero time.
function toMultiple(time: GoTime, multiple: bigint, rounded: (value: bigint, multiple: bigint) => bigint): GoTime {
  if (multiple <= 0n) return time;
  const origin = unixNanoseconds(ZERO_TIME);
  const since = unixNanoseconds(time) - origin;
  const remainder = since - floorToMultiple(since, multiple);
  return fromUnixNanoseconds(unixNanoseconds(time) - remainder + rounded(remainder, multiple), time.zone);
}

function floorToMultiple(value: bigint, multiple: bigint): bigint {
  return floorDivide(value, multiple) * multiple;
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

type DurationMethod = (nanoseconds: bigint) => GoFunction;

const inUnit =
  (unit: bigint): DurationMethod =>
  (nanoseconds) =>
    fn0(() => float(Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)));
const wholeIn =
  (unit: bigint): DurationMethod =>
  (nanoseconds) =>
    fn0(() => int64(nanoseconds / unit));

/**
 * The methods of `time.Duration`.
 *
 * @see https://pkg.go.dev/time#Duration
 */
export const DURATION_METHODS: ReadonlyMap<string, DurationMethod> = new Map<string, DurationMethod>([
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
