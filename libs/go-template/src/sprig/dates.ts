import { anything, aString, aTime, fn0, fn1, fn2, fn3 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { INT, INT32, INT64 } from '../reflect/type.ts';
import { string, timeValue } from '../reflect/value.ts';
import type { GoFunction, Value } from '../reflect/value.ts';
import { durationString, parseDuration, roundDuration } from '../time/duration.ts';
import { formatTime } from '../time/format.ts';
import { parseTime, quoteTimeText as quote } from '../time/parse.ts';
import { addNanoseconds, fromDate, fromUnix, nanosecondsBetween, UTC, ZERO_TIME } from '../time/time.ts';
import type { GoTime } from '../time/time.ts';
import { loadZone, localZone } from '../time/zones.ts';
import type { GoString } from '../unicode/utf8.ts';

const HTML_DATE = '2006-01-02';
const SECOND = 1_000_000_000n;

const dateModify = fn2(aString, aTime, (change, time) => {
  const duration = parseDuration(change);
  return timeValue(typeof duration === 'bigint' ? addNanoseconds(time, duration) : time);
});
const mustDateModify = fn2(aString, aTime, (change, time) => {
  const duration = parseDuration(change);
  if (typeof duration === 'bigint') return timeValue(addNanoseconds(time, duration));
  const unit = duration.unit === undefined ? '' : `${quote(duration.unit)} in duration `;
  throw new GoError(duration.problem + unit + quote(change));
});

/** sprig's functions for dates, by a clock. */
export function dateFunctions(clock: () => Date): Readonly<Record<string, GoFunction>> {
  const now = (): GoTime => fromDate(clock());
  const formatIn = (layout: GoString, value: Value, zone: GoString): Value =>
    string(formatTime({ ...(timeFrom(value) ?? now()), zone: loadZone(zone) ?? UTC }, layout));
  const dateInZone = fn3(aString, anything, aString, formatIn);
  return {
    now: fn0(() => timeValue({ ...now(), zone: localZone() })),
    date: fn2(aString, anything, (layout, value) => formatIn(layout, value, 'Local')),
    dateInZone,
    date_in_zone: dateInZone,
    htmlDate: fn1(anything, (value) => formatIn(HTML_DATE, value, 'Local')),
    htmlDateInZone: fn2(anything, aString, (value, zone) => formatIn(HTML_DATE, value, zone)),
    dateModify,
    date_modify: dateModify,
    mustDateModify,
    must_date_modify: mustDateModify,
    ago: fn1(anything, (value) => {
      const since = nanosecondsBetween(now(), timeFrom(value) ?? now());
      return string(durationString(roundDuration(since, SECOND)));
    }),
    duration: fn1(anything, (value) => string(durationString(BigInt.asIntN(64, seconds(value) * SECOND)))),
    durationRound: fn1(anything, (value) => string(largestUnit(durationFrom(value, now)))),
    toDate: fn2(aString, aString, (layout, text) => {
      const time = parseTime(layout, text, localZone());
      return timeValue('problem' in time ? ZERO_TIME : time);
    }),
    mustToDate: fn2(aString, aString, (layout, text) => {
      const time = parseTime(layout, text, localZone());
      if ('problem' in time) throw new GoError(time.problem);
      return timeValue(time);
    }),
    unixEpoch: fn1(aTime, (time) => string(String(time.unixSeconds))),
  };
}

/** The time a value stands for: a time itself, or a number of seconds since 1970; anything else stands for now. */
function timeFrom(value: Value): GoTime | undefined {
  if (value.tag === 'time') return value.time;
  const isUnix = value.tag === 'int' && (value.type === INT || value.type === INT64 || value.type === INT32);
  return isUnix ? fromUnix(Number(value.int)) : undefined;
}

/** A text or an `int64`; an `int`, as a number in a template is, counts for nothing here. */
function seconds(value: Value): bigint {
  if (value.tag === 'int' && value.type === INT64) return value.int;
  if (value.tag !== 'string' || !/^[-+]?[0-9]+$/.test(value.bytes)) return 0n;
  const limit = 2n ** 63n;
  const number = BigInt(value.bytes.replace(/^\+/, ''));
  return number >= limit ? limit - 1n : number < -limit ? -limit : number;
}

function durationFrom(value: Value, now: () => GoTime): bigint {
  if (value.tag === 'int' && value.type === INT64) return value.int;
  if (value.tag === 'time') return nanosecondsBetween(now(), value.time);
  const parsed = value.tag === 'string' ? parseDuration(value.bytes) : 0n;
  return typeof parsed === 'bigint' ? parsed : 0n;
}

const HOUR = 3600n * SECOND;
const UNITS: readonly (readonly [nanoseconds: bigint, name: string])[] = [
  [365n * 24n * HOUR, 'y'],
  [30n * 24n * HOUR, 'mo'],
  [24n * HOUR, 'd'],
  [HOUR, 'h'],
  [60n * SECOND, 'm'],
  [SECOND, 's'],
];

/** `3h` of `3h20m`: how many there are of the largest unit that there is more than one of, exactly one not being more. */
function largestUnit(nanoseconds: bigint): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const unit = UNITS.find(([length]) => magnitude > length);
  return unit === undefined ? '0s' : `${magnitude / unit[0]}${unit[1]}`;
}
