import type { GoString } from '../unicode/utf8.ts';
import { daysInMonth } from './calendar.ts';
import { parseLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { readElement } from './parse-element.ts';
import type { ParsedTime } from './parse-element.ts';
import { fixedZone, timeAt, UTC } from './time.ts';
import type { ClockSetting, GoTime, Zone } from './time.ts';

/** Why a text is no time of a layout, in Go's words. */
export interface TimeProblem {
  readonly problem: GoString;
}

/**
 * Go's `time.ParseInLocation`.
 *
 * @see https://pkg.go.dev/time#ParseInLocation
 */
export function parseTime(layout: GoString, text: GoString, local: Zone): GoTime | TimeProblem {
  const problem = (message: string): TimeProblem => ({ problem: `parsing time ${quoteTimeText(text)}${message}` });
  const cannotParse = (rest: GoString, element: GoString): TimeProblem =>
    problem(` as ${quoteTimeText(layout)}: cannot parse ${quoteTimeText(rest)} as ${quoteTimeText(element)}`);

  const parsed: ParsedTime = {};
  const { elements, suffix } = parseLayout(layout);
  let rest = text;
  for (const [index, { prefix, element, text: elementText }] of elements.entries()) {
    const afterPrefix = skipLiteral(rest, prefix);
    if (typeof afterPrefix !== 'string') return cannotParse(afterPrefix.at, prefix);
    const outcome = readElement(element, afterPrefix, parsed, hasFractionNext({ elements, suffix }, index));
    if (outcome === undefined) return cannotParse(afterPrefix, elementText);
    if (typeof outcome !== 'string') return problem(`: ${outcome.outOfRange} out of range`);
    rest = outcome;
  }
  const afterSuffix = skipLiteral(rest, suffix);
  if (typeof afterSuffix !== 'string') return cannotParse(afterSuffix.at, suffix);
  if (afterSuffix !== '') return problem(`: extra text: ${quoteTimeText(afterSuffix)}`);
  const setting = settingOf(parsed);
  return 'outOfRange' in setting ? problem(`: ${setting.outOfRange} out of range`) : inZone(setting, parsed, local);
}

function hasFractionNext({ elements }: Layout, index: number): boolean {
  const next = elements[index + 1];
  return next?.element.kind === 'fraction';
}

/** Takes literal text off; a run of blanks stands for any run, of none too at the end of the text. */
function skipLiteral(text: GoString, literal: GoString): GoString | { readonly at: GoString } {
  let rest = text;
  for (let remaining = literal; remaining !== '';) {
    if (remaining.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) return { at: rest };
      remaining = remaining.replace(/^ +/, '');
      rest = rest.replace(/^ +/, '');
    } else {
      if (rest === '' || !rest.startsWith(remaining.charAt(0))) return { at: rest };
      remaining = remaining.slice(1);
      rest = rest.slice(1);
    }
  }
  return rest;
}

function settingOf(parsed: ParsedTime): ClockSetting | { readonly outOfRange: string } {
  const { year = 0, hour = 0, half, minute = 0, second = 0, nanoseconds = 0 } = parsed;
  const hour24 = half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour;
  const date = dateOf(parsed, year);
  return 'outOfRange' in date ? date : { year, ...date, hour: hour24, minute, second, nanoseconds };
}

function dateOf(
  { month, day, yearDay }: ParsedTime,
  year: number,
): { readonly month: number; readonly day: number } | { readonly outOfRange: string } {
  if (yearDay === undefined) {
    const shown = { month: month ?? 1, day: day ?? 1 };
    return shown.day < 1 || shown.day > daysInMonth(year, shown.month) ? { outOfRange: 'day' } : shown;
  }
  let rest = yearDay;
  for (let candidate = 1; candidate <= 12; candidate += 1) {
    const length = daysInMonth(year, candidate);
    if (rest >= 1 && rest <= length) {
      const isContradicted = (month !== undefined && month !== candidate) || (day !== undefined && day !== rest);
      return isContradicted ? { outOfRange: 'day-of-year does not match' } : { month: candidate, day: rest };
    }
    rest -= length;
  }
  return { outOfRange: 'day-of-year' };
}

function inZone(setting: ClockSetting, { isUtc, offsetSeconds, abbreviation = '' }: ParsedTime, local: Zone): GoTime {
  if (isUtc === true) return timeAt(setting, UTC);
  const asUtc = timeAt(setting, UTC);
  if (offsetSeconds !== undefined) {
    const unixSeconds = asUtc.unixSeconds - offsetSeconds;
    const state = local.stateAt(unixSeconds);
    const isLocal =
      state.offsetSeconds === offsetSeconds && (abbreviation === '' || state.abbreviation === abbreviation);
    return { ...asUtc, unixSeconds, zone: isLocal ? local : fixedZone(abbreviation, offsetSeconds) };
  }
  if (abbreviation === '') return timeAt(setting, local);
  // An abbreviation alone says where only if it is the local one; of others Go keeps the name and assumes no offset.
  const state = local.stateAt(asUtc.unixSeconds);
  if (state.abbreviation === abbreviation) {
    return { ...asUtc, unixSeconds: asUtc.unixSeconds - state.offsetSeconds, zone: local };
  }
  const hours = /^GMT([-+][0-9]+)$/.exec(abbreviation)?.[1];
  return { ...asUtc, zone: fixedZone(abbreviation, Number(hours ?? 0) * 3600) };
}

/** Quotes text in the errors of Go's `time` package, which has its own way: every byte that is not plain ASCII is escaped. */
export function quoteTimeText(bytes: GoString): GoString {
  const escaped = bytes.replace(/["\\\0-\x1f\x80-\xff]/g, (byte) =>
    byte === '"' || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
