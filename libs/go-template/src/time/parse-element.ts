import type { GoString } from '../unicode/utf8.ts';
import { MONTHS, WEEKDAYS } from './calendar.ts';
import type { LayoutElement } from './layout.ts';

/** What has been read of a time so far. */
export interface ParsedTime {
  year?: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour?: number;
  half?: 'am' | 'pm';
  minute?: number;
  second?: number;
  nanoseconds?: number;
  isUtc?: boolean;
  offsetSeconds?: number;
  abbreviation?: GoString;
}

/** The rest of the text, what is out of its range, or nothing when the element is not there. */
export type ElementOutcome = GoString | { readonly outOfRange: string } | undefined;

/** Reads one element from the beginning of a text. */
export function readElement(
  element: LayoutElement,
  text: GoString,
  parsed: ParsedTime,
  hasFractionNext: boolean,
): ElementOutcome {
  switch (element.kind) {
    case 'long-month':
    case 'month':
      return readName(text, MONTHS, element.kind === 'month', (index) => (parsed.month = index + 1));
    case 'long-weekday':
    case 'weekday':
      return readName(text, WEEKDAYS, element.kind === 'weekday', () => undefined);
    case 'num-month':
    case 'zero-month':
      return readNumber(text, element.kind === 'zero-month', [1, 12, 'month'], (value) => (parsed.month = value));
    case 'day':
    case 'zero-day':
      return readNumber(text, element.kind === 'zero-day', undefined, (value) => (parsed.day = value));
    case 'under-day':
      return readNumber(text.replace(/^ /, ''), false, undefined, (value) => (parsed.day = value));
    case 'under-year-day':
    case 'zero-year-day':
      return readYearDay(text, element.kind === 'under-year-day', parsed);
    case 'hour':
      return readNumber(text, false, [0, 23, 'hour'], (value) => (parsed.hour = value));
    case 'hour12':
    case 'zero-hour12':
      return readNumber(text, element.kind === 'zero-hour12', [0, 12, 'hour'], (value) => (parsed.hour = value));
    case 'minute':
    case 'zero-minute':
      return readNumber(text, element.kind === 'zero-minute', [0, 59, 'minute'], (value) => (parsed.minute = value));
    case 'second':
    case 'zero-second':
      return readSecond(text, element.kind === 'zero-second', parsed, hasFractionNext);
    case 'year':
      if (!/^[0-9]{2}/.test(text)) return undefined;
      parsed.year = Number(text.slice(0, 2)) + (Number(text.slice(0, 2)) >= 69 ? 1900 : 2000);
      return text.slice(2);
    case 'long-year':
      if (!/^[0-9]{4}/.test(text)) return undefined;
      parsed.year = Number(text.slice(0, 4));
      return text.slice(4);
    case 'PM':
    case 'pm':
      return readHalf(text, element.kind === 'PM', parsed);
    case 'abbreviation':
      return readAbbreviation(text, parsed);
    case 'offset':
      return readOffset(element, text, parsed);
    case 'fraction':
      return readFraction(element, text, parsed);
  }
}

function readName(
  text: GoString,
  names: readonly string[],
  isShort: boolean,
  take: (index: number) => void,
): ElementOutcome {
  for (const [index, name] of names.entries()) {
    const expected = isShort ? name.slice(0, 3) : name;
    if (text.slice(0, expected.length).toLowerCase() === expected.toLowerCase()) {
      take(index);
      return text.slice(expected.length);
    }
  }
  return undefined;
}

function readNumber(
  text: GoString,
  isFixed: boolean,
  range: readonly [min: number, max: number, name: string] | undefined,
  take: (value: number) => void,
): ElementOutcome {
  const digits = isDigitAt(text, 0) ? (isDigitAt(text, 1) ? 2 : isFixed ? 0 : 1) : 0;
  if (digits === 0) return undefined;
  const value = Number(text.slice(0, digits));
  if (range !== undefined && (value < range[0] || value > range[1])) return { outOfRange: range[2] };
  take(value);
  return text.slice(digits);
}

function readYearDay(text: GoString, isPadded: boolean, parsed: ParsedTime): ElementOutcome {
  const unpadded = isPadded ? text.replace(/^ {1,2}/, '') : text;
  const match = (isPadded ? /^[0-9]{1,3}/ : /^[0-9]{3}/).exec(unpadded);
  if (match === null) return undefined;
  parsed.yearDay = Number(match[0]);
  return unpadded.slice(match[0].length);
}

function readSecond(text: GoString, isFixed: boolean, parsed: ParsedTime, hasFractionNext: boolean): ElementOutcome {
  const rest = readNumber(text, isFixed, [0, 59, 'second'], (value) => (parsed.second = value));
  if (typeof rest !== 'string' || hasFractionNext) return rest;
  // A fraction is welcome after the seconds where the layout has none.
  const fraction = /^[.,][0-9]+/.exec(rest)?.[0] ?? '';
  if (fraction !== '') parsed.nanoseconds = nanosecondsFrom(fraction.slice(1));
  return rest.slice(fraction.length);
}

function readHalf(text: GoString, isUpper: boolean, parsed: ParsedTime): ElementOutcome {
  const half = text.slice(0, 2);
  if (half !== (isUpper ? 'PM' : 'pm') && half !== (isUpper ? 'AM' : 'am')) return undefined;
  parsed.half = half.toLowerCase() === 'pm' ? 'pm' : 'am';
  return text.slice(2);
}

/** How long the abbreviation is that a text begins with; 0 when there is none. */
function abbreviationLength(text: GoString): number {
  if (text.length < 3) return 0;
  if (text.startsWith('ChST') || text.startsWith('MeST')) return 4;
  if (text.startsWith('GMT')) return 3 + signedHoursLength(text.slice(3));
  if (/^[-+]/.test(text)) return signedHoursLength(text);
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? '';
  const isKnown = letters.length === 3 || letters === 'WITA' || (/^.{4,5}$/.test(letters) && letters.endsWith('T'));
  return isKnown ? letters.length : 0;
}

function signedHoursLength(text: GoString): number {
  const hours = /^[-+]([0-9]+)/.exec(text);
  return hours === null || Number(hours[1]) > 23 ? 0 : hours[0].length;
}

function readAbbreviation(text: GoString, parsed: ParsedTime): ElementOutcome {
  if (text.startsWith('UTC')) {
    parsed.isUtc = true;
    return text.slice(3);
  }
  const length = abbreviationLength(text);
  if (length === 0) return undefined;
  parsed.abbreviation = text.slice(0, length);
  return text.slice(length);
}

function readOffset(
  element: LayoutElement & { readonly kind: 'offset' },
  text: GoString,
  parsed: ParsedTime,
): ElementOutcome {
  if (element.isZForUtc && text.startsWith('Z')) {
    parsed.isUtc = true;
    return text.slice(1);
  }
  const separator = element.hasColon ? ':' : '';
  // What is in range is looked at before all else.
  const pattern = `^(.)${Array(element.parts).fill('(..)').join(separator)}`;
  const match = new RegExp(pattern).exec(text);
  if (match === null) return undefined;
  const [all, sign, hours = '00', minutes = '00', seconds = '00'] = match;
  if (Number(seconds) > 60) return { outOfRange: 'time zone offset second' };
  if (Number(minutes) > 60) return { outOfRange: 'time zone offset minute' };
  if (Number(hours) > 24) return { outOfRange: 'time zone offset hour' };
  if (!/^[-+]$/.test(sign ?? '') || !/^\d{6}$/.test(hours + minutes + seconds)) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  parsed.offsetSeconds = sign === '-' && offset !== 0 ? -offset : offset;
  return text.slice(all.length);
}

function readFraction(
  element: LayoutElement & { readonly kind: 'fraction' },
  text: GoString,
  parsed: ParsedTime,
): ElementOutcome {
  const digits = /^[.,]([0-9]+)/.exec(text)?.[1] ?? '';
  if (!element.keepsZeros) {
    if (digits !== '') parsed.nanoseconds = nanosecondsFrom(digits);
    return digits === '' ? text : text.slice(digits.length + 1);
  }
  if (digits.length < element.digits) return undefined;
  parsed.nanoseconds = nanosecondsFrom(digits.slice(0, element.digits));
  return text.slice(element.digits + 1);
}

function nanosecondsFrom(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, '0'));
}

/** Whether there is a decimal digit at an index. */
export function isDigitAt(text: string, index: number): boolean {
  const character = text[index];
  return character !== undefined && character >= '0' && character <= '9';
}
