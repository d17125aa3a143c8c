import { civilFromDays, daysFromCivil } from './calendar.ts';
import type { CivilDate } from './calendar.ts';

/** What a zone's clocks show at an instant. */
export interface ZoneState {
  /** `EST`; empty when the zone has none, and its offset is shown in its place. */
  readonly abbreviation: string;
  readonly offsetSeconds: number;
  readonly isDaylightSaving: boolean;
}

/** A place's rules for its clocks, Go's `*time.Location`. */
export interface Zone {
  readonly name: string;
  stateAt(unixSeconds: number): ZoneState;
}

export const UTC: Zone = {
  name: 'UTC',
  stateAt: () => ({ abbreviation: 'UTC', offsetSeconds: 0, isDaylightSaving: false }),
};

/** Go's `time.FixedZone`: the same offset at all times. */
export function fixedZone(name: string, offsetSeconds: number): Zone {
  return { name, stateAt: () => ({ abbreviation: name, offsetSeconds, isDaylightSaving: false }) };
}

/** An instant with the zone it is shown in, Go's `time.Time` without its monotonic clock. */
export interface GoTime {
  readonly unixSeconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
  readonly zone: Zone;
}

/** Go's zero time: midnight of the first of January of the year 1. */
export const ZERO_TIME: GoTime = { unixSeconds: -62_135_596_800, nanoseconds: 0, zone: UTC };

const NANOS = 1_000_000_000n;

/** The time of a date, shown in UTC. */
export function fromDate(date: Date): GoTime {
  return fromUnix(Math.floor(date.getTime() / 1000), (((date.getTime() % 1000) + 1000) % 1000) * 1_000_000);
}

/** The date of a time, cut to milliseconds. */
export function toDate({ unixSeconds, nanoseconds }: GoTime): Date {
  return new Date(unixSeconds * 1000 + Math.floor(nanoseconds / 1_000_000));
}

export function fromUnix(unixSeconds: number, nanoseconds = 0, zone = UTC): GoTime {
  return { unixSeconds, nanoseconds, zone };
}

/** Nanoseconds since 1970, without Go's limit of 64 bits. */
export function unixNanoseconds({ unixSeconds, nanoseconds }: GoTime): bigint {
  return BigInt(unixSeconds) * NANOS + BigInt(nanoseconds);
}

export function fromUnixNanoseconds(total: bigint, zone: Zone): GoTime {
  const nanoseconds = ((total % NANOS) + NANOS) % NANOS;
  return { unixSeconds: Number((total - nanoseconds) / NANOS), nanoseconds: Number(nanoseconds), zone };
}

/** The instant that many nanoseconds later. */
export function addNanoseconds(time: GoTime, nanoseconds: bigint): GoTime {
  return fromUnixNanoseconds(unixNanoseconds(time) + nanoseconds, time.zone);
}

/** `a - b` in nanoseconds, at most what a Go duration can hold. */
export function nanosecondsBetween(a: GoTime, b: GoTime): bigint {
  const difference = unixNanoseconds(a) - unixNanoseconds(b);
  const limit = 2n ** 63n;
  return difference >= limit ? limit - 1n : difference < -limit ? -limit : difference;
}

export function sameInstant(a: GoTime, b: GoTime): boolean {
  return a.unixSeconds === b.unixSeconds && a.nanoseconds === b.nanoseconds;
}

/** -1, 0 or 1: which of two instants comes first. */
export function compareTimes(a: GoTime, b: GoTime): -1 | 0 | 1 {
  const difference = unixNanoseconds(a) - unixNanoseconds(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Date and time of day as the clocks of the time's zone show them. */
export interface ClockReading extends CivilDate, ZoneState {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
}

const DAY_SECONDS = 86_400;

export function clockReading({ unixSeconds, zone }: GoTime): ClockReading {
  const state = zone.stateAt(unixSeconds);
  const local = unixSeconds + state.offsetSeconds;
  const days = Math.floor(local / DAY_SECONDS);
  const ofDay = local - days * DAY_SECONDS;
  const date = civilFromDays(days);
  return {
    ...state,
    ...date,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysFromCivil(date.year, 1, 1) + 1,
  };
}

/** Date and time of day to be found in a zone; months, days and hours beyond their range carry over. */
export interface ClockSetting {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly nanoseconds?: number;
}

/** Go's `time.Date`. */
export function timeAt(
  { year, month, day, hour = 0, minute = 0, second = 0, nanoseconds = 0 }: ClockSetting,
  zone: Zone,
): GoTime {
  const months = year * 12 + (month - 1);
  const firstOfMonth = daysFromCivil(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 1);
  const local = (firstOfMonth + day - 1) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
  // The offset depends on the instant, which depends on the offset: as Go does, look a second time from the other side.
  const guess = local - zone.stateAt(local).offsetSeconds;
  const offset = zone.stateAt(guess).offsetSeconds;
  return { unixSeconds: local - offset, nanoseconds, zone };
}
