import { GoError } from '../go-error.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { MONTHS, WEEKDAYS } from './calendar.ts';
import { parseLayout } from './layout.ts';
import type { LayoutElement } from './layout.ts';
import { clockReading, UTC } from './time.ts';
import type { ClockReading, GoTime } from './time.ts';

/**
 * Go's `Time.Format`.
 *
 * @see https://pkg.go.dev/time#Time.Format
 */
export function formatTime(time: GoTime, layout: GoString): GoString {
  const reading = clockReading(time);
  const { elements, suffix } = parseLayout(layout);
  return elements.map(({ prefix, element }) => prefix + formatElement(element, reading, time)).join('') + suffix;
}

/** Go's `Time.String`. */
export function timeString(time: GoTime): GoString {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST');
}

function formatElement(element: LayoutElement, reading: ClockReading, time: GoTime): string {
  switch (element.kind) {
    case 'offset':
      return formatOffset(element, reading.offsetSeconds);
    case 'fraction':
      return formatFraction(element, time.nanoseconds);
    case 'long-month':
      return MONTHS[reading.month - 1] ?? '';
    case 'month':
      return (MONTHS[reading.month - 1] ?? '').slice(0, 3);
    case 'num-month':
      return String(reading.month);
    case 'zero-month':
      return padded(reading.month, 2);
    case 'long-weekday':
      return WEEKDAYS[reading.weekday] ?? '';
    case 'weekday':
      return (WEEKDAYS[reading.weekday] ?? '').slice(0, 3);
    case 'day':
      return String(reading.day);
    case 'under-day':
      return String(reading.day).padStart(2);
    case 'zero-day':
      return padded(reading.day, 2);
    case 'under-year-day':
      return String(reading.yearDay).padStart(3);
    case 'zero-year-day':
      return padded(reading.yearDay, 3);
    case 'hour':
      return padded(reading.hour, 2);
    case 'hour12':
      return String(reading.hour % 12 || 12);
    case 'zero-hour12':
      return padded(reading.hour % 12 || 12, 2);
    case 'minute':
      return String(reading.minute);
    case 'zero-minute':
      return padded(reading.minute, 2);
    case 'second':
      return String(reading.second);
    case 'zero-second':
      return padded(reading.second, 2);
    case 'long-year':
      return padded(reading.year, 4);
    case 'year':
      return padded(Math.max(reading.year, 0) % 100, 2);
    case 'PM':
      return reading.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return reading.hour >= 12 ? 'pm' : 'am';
    case 'abbreviation':
      return reading.abbreviation === '' ? abbreviationFromOffset(reading.offsetSeconds) : reading.abbreviation;
  }
}

function padded(value: number, width: number): string {
  return value < 0 ? `-${padded(-value, width)}` : String(value).padStart(width, '0');
}

function formatOffset(element: LayoutElement & { readonly kind: 'offset' }, offsetSeconds: number): string {
  if (element.isZForUtc && offsetSeconds === 0) return 'Z';
  const seconds = Math.abs(offsetSeconds);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].slice(0, element.parts);
  return sign(offsetSeconds) + parts.map((part) => padded(part, 2)).join(element.hasColon ? ':' : '');
}

function abbreviationFromOffset(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  return `${sign(offsetSeconds)}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}

function sign(offsetSeconds: number): string {
  return offsetSeconds < 0 ? '-' : '+';
}

function formatFraction(element: LayoutElement & { readonly kind: 'fraction' }, nanoseconds: number): string {
  const digits = padded(nanoseconds, 9)
    .slice(0, element.digits)
    .padEnd(element.keepsZeros ? element.digits : 0, '0');
  const shown = element.keepsZeros ? digits : digits.replace(/0+$/, '');
  return shown === '' ? '' : element.separator + shown;
}

/** Go's `Time.GoString`: the call of `time.Date` that makes the time. */
export function goTimeSyntax(time: GoTime): GoString {
  const { year, month, day, hour, minute, second } = clockReading(time);
  const zone = time.zone === UTC ? 'time.UTC' : `time.Location(${quote(time.zone.name)})`;
  const monthName = MONTHS[month - 1] ?? String(month);
  return `time.Date(${year}, time.${monthName}, ${day}, ${hour}, ${minute}, ${second}, ${time.nanoseconds}, ${zone})`;
}

/**
 * A time as `encoding/json` writes it, RFC 3339 with as much of the fraction as there is.
 *
 * @throws {@link GoError} for years that RFC 3339 can't write.
 */
export function jsonTime(time: GoTime): GoString {
  const { year } = clockReading(time);
  if (year < 0 || year > 9999) throw new GoError('Time.MarshalJSON: year outside of range [0,9999]');
  return formatTime(time, '2006-01-02T15:04:05.999999999Z07:00');
}
