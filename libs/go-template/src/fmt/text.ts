import { checkTextLength } from '../limits.ts';
import { canBackquote, quote } from '../strconv/quote.ts';
import { decodeRune, runeCount } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** The flags, width and precision of one verb. */
export interface Spec {
  width?: number | undefined;
  precision?: number | undefined;
  minus?: boolean;
  plus?: boolean;
  sharp?: boolean;
  space?: boolean;
  zero?: boolean;
  /** `%+v`: structs with the names of their fields. */
  plusV?: boolean;
  /** `%#v`: Go syntax. */
  sharpV?: boolean;
}

/** Pads on the left, or with `-` on the right, to the width in characters. */
export function pad(text: GoString, spec: Spec): GoString {
  if (spec.width === undefined) return text;
  const missing = padding(spec.width - runeCount(text), spec);
  return spec.minus === true ? text + missing : missing + text;
}

/** So many blanks, or zeros where they go on the left. */
export function padding(length: number, { zero, minus }: Spec): GoString {
  checkTextLength(length);
  return (zero === true && minus !== true ? '0' : ' ').repeat(Math.max(0, length));
}

/**
 * Formats text for a verb.
 *
 * @returns `undefined` for a verb that text doesn't have.
 */
export function formatText(bytes: GoString, verb: string, spec: Spec): GoString | undefined {
  switch (verb) {
    case 'v':
      return spec.sharpV === true ? quoted(bytes, spec) : plain(bytes, spec);
    case 's':
      return plain(bytes, spec);
    case 'q':
      return quoted(bytes, spec);
    case 'x':
    case 'X':
      return hexadecimal(bytes, verb, spec);
    default:
      return undefined;
  }
}

/** Cut to the precision in characters, and padded. */
export function plain(bytes: GoString, spec: Spec): GoString {
  return pad(truncated(bytes, spec), spec);
}

function truncated(bytes: GoString, { precision }: Spec): GoString {
  if (precision === undefined || bytes.length <= precision) return bytes;
  let end = 0;
  for (let count = 0; count < precision && end < bytes.length; count += 1) end += decodeRune(bytes, end).size;
  return bytes.slice(0, end);
}

function quoted(bytes: GoString, spec: Spec): GoString {
  const text = truncated(bytes, spec);
  return pad(spec.sharp === true && canBackquote(text) ? `\`${text}\`` : quote(text, spec.plus === true), spec);
}

function hexadecimal(bytes: GoString, verb: 'x' | 'X', spec: Spec): GoString {
  const shown = bytes.slice(0, spec.precision ?? bytes.length);
  const digits = Array.from(shown, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'));
  const prefix = spec.sharp === true && digits.length > 0 ? '0x' : '';
  const text = prefix + digits.join(spec.space === true ? ` ${prefix}` : '');
  const cased = verb === 'X' ? text.toUpperCase() : text;
  if (spec.width === undefined) return cased;
  const missing = padding(spec.width - cased.length, spec);
  return spec.minus === true ? cased + missing : missing + cased;
}
