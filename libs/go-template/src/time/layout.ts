import { isDigitAt } from './parse-element.ts';

/** What a piece of a layout stands for. */
export type LayoutElement =
  | { readonly kind: SimpleElement }
  | { readonly kind: 'offset'; readonly hasColon: boolean; readonly parts: 1 | 2 | 3; readonly isZForUtc: boolean }
  | { readonly kind: 'fraction'; readonly digits: number; readonly keepsZeros: boolean; readonly separator: string };

type SimpleElement =
  | 'long-month'
  | 'month'
  | 'num-month'
  | 'zero-month'
  | 'long-weekday'
  | 'weekday'
  | 'day'
  | 'under-day'
  | 'zero-day'
  | 'under-year-day'
  | 'zero-year-day'
  | 'hour'
  | 'hour12'
  | 'zero-hour12'
  | 'minute'
  | 'zero-minute'
  | 'second'
  | 'zero-second'
  | 'long-year'
  | 'year'
  | 'PM'
  | 'pm'
  | 'abbreviation';

/** A layout cut into what stands for something, each with the literal text before it, and the text after the last. */
export interface Layout {
  readonly elements: readonly { readonly prefix: string; readonly element: LayoutElement; readonly text: string }[];
  readonly suffix: string;
}

/**
 * Reads a Go time layout, the way the reference time `Mon Jan 2 15:04:05 MST 2006` would be written.
 *
 * @see https://pkg.go.dev/time#pkg-constants
 */
export function parseLayout(layout: string): Layout {
  const elements: { readonly prefix: string; readonly element: LayoutElement; readonly text: string }[] = [];
  let start = 0;
  for (let index = 0; index < layout.length;) {
    const found = elementAt(layout, index);
    if (found === undefined) {
      index += 1;
      continue;
    }
    const from = index + (found.skipped ?? 0);
    elements.push({
      prefix: layout.slice(start, from),
      element: found.element,
      text: layout.slice(from, from + found.length),
    });
    start = index = from + found.length;
  }
  return { elements, suffix: layout.slice(start) };
}

interface Found {
  readonly element: LayoutElement;
  readonly length: number;
  /** Characters before it that turn out to be literal. */
  readonly skipped?: number;
}

// Longer ones before those they begin with.
const SIMPLE: readonly (readonly [text: string, kind: SimpleElement])[] = [
  ['January', 'long-month'],
  ['Monday', 'long-weekday'],
  ['MST', 'abbreviation'],
  ['002', 'zero-year-day'],
  ['01', 'zero-month'],
  ['02', 'zero-day'],
  ['03', 'zero-hour12'],
  ['04', 'zero-minute'],
  ['05', 'zero-second'],
  ['06', 'year'],
  ['15', 'hour'],
  ['1', 'num-month'],
  ['2006', 'long-year'],
  ['2', 'day'],
  ['__2', 'under-year-day'],
  ['_2', 'under-day'],
  ['3', 'hour12'],
  ['4', 'minute'],
  ['5', 'second'],
  ['PM', 'PM'],
  ['pm', 'pm'],
];

const OFFSET = /([-Z])(?:07(:?)00(?:\2(00))?|07)/y;

function elementAt(layout: string, index: number): Found | undefined {
  if (layout.startsWith('_2006', index)) return { element: { kind: 'long-year' }, length: 4, skipped: 1 };
  for (const [text, kind] of SIMPLE) {
    if (layout.startsWith(text, index)) return { element: { kind }, length: text.length };
  }
  if (startsShortName(layout, index, 'Jan')) return { element: { kind: 'month' }, length: 3 };
  if (startsShortName(layout, index, 'Mon')) return { element: { kind: 'weekday' }, length: 3 };
  return offsetAt(layout, index) ?? fractionAt(layout, index);
}

/** `Jan` stands for a month, unless it begins a word of its own such as `Janus`. */
function startsShortName(layout: string, index: number, name: string): boolean {
  return layout.startsWith(name, index) && !/^[a-z]/.test(layout.slice(index + 3, index + 4));
}

function offsetAt(layout: string, index: number): Found | undefined {
  OFFSET.lastIndex = index;
  const match = OFFSET.exec(layout);
  if (match === null) return undefined;
  const [text, sign, colon, seconds] = match;
  const parts = seconds !== undefined ? 3 : colon !== undefined ? 2 : 1;
  return {
    element: { kind: 'offset', hasColon: colon === ':', parts, isZForUtc: sign === 'Z' },
    length: text.length,
  };
}

function fractionAt(layout: string, index: number): Found | undefined {
  const match = /^([.,])(0+|9+)/.exec(layout.slice(index));
  if (match === null) return undefined;
  const [text, separator = '', digits = ''] = match;
  // Zeros with other digits after them are no fraction, as in `.0015`.
  if (isDigitAt(layout, index + text.length)) return undefined;
  return {
    element: { kind: 'fraction', digits: digits.length, keepsZeros: digits.startsWith('0'), separator },
    length: text.length,
  };
}
