import type { GoString } from '../text/bytes.ts';
import { formatFloat } from './format-float.ts';
import type { FloatNotation } from './format-float.ts';
import { pad, padding } from './spec.ts';
import type { Spec } from './spec.ts';

const NOTATIONS = new Map<string, readonly [notation: FloatNotation, precision: number]>([
  ['v', ['g', -1]],
  ['b', ['b', -1]],
  ['g', ['g', -1]],
  ['G', ['G', -1]],
  ['x', ['x', -1]],
  ['X', ['X', -1]],
  ['f', ['f', 6]],
  ['F', ['f', 6]],
  ['e', ['e', 6]],
  ['E', ['E', 6]],
]);

/**
 * Formats a floating-point number for a verb.
 *
 * @returns `undefined` for a verb that such numbers don't have.
 */
export function formatFloatVerb(value: number, verb: string, spec: Spec): GoString | undefined {
  const notation = NOTATIONS.get(verb);
  if (notation === undefined) return undefined;
  const precision = spec.precision ?? notation[1];
  const formatted = formatFloat(value, notation[0], precision);
  const [sign, unsigned] = /^[-+]/.test(formatted) ? [formatted.slice(0, 1), formatted.slice(1)] : ['+', formatted];
  const shownSign = spec.space === true && sign === '+' && spec.plus !== true ? ' ' : sign;
  const isSignShown = spec.plus === true || shownSign !== '+';
  if (!Number.isFinite(value)) {
    // Not padded with zeros; an infinity shows its sign always, and what is no number only when asked to.
    return pad((Number.isNaN(value) && !isSignShown ? '' : shownSign) + unsigned, {
      ...spec,
      zero: false,
    });
  }
  const number = spec.sharp === true && notation[0] !== 'b' ? withPoint(unsigned, notation[0], precision) : unsigned;
  if (!isSignShown) return pad(number, spec);
  if (spec.zero === true && spec.minus !== true && spec.width !== undefined) {
    return shownSign + padding(spec.width - number.length - 1, spec) + number;
  }
  return pad(shownSign + number, spec);
}

/** Formats a complex number, its parts each for the verb. */
export function formatComplexVerb(real: number, imaginary: number, verb: string, spec: Spec): GoString | undefined {
  const first = formatFloatVerb(real, verb, spec);
  const second = formatFloatVerb(imaginary, verb, { ...spec, plus: true });
  return first === undefined || second === undefined ? undefined : `(${first}${second}i)`;
}

/** The `#` flag: a decimal point always, and for `%g` the zeros at the end that its precision has room for. */
function withPoint(number: string, notation: FloatNotation, precision: number): string {
  const isHexadecimal = notation === 'x' || notation === 'X';
  const tailAt = number.search(isHexadecimal ? /[pP]/ : /[eE]/);
  const [head, tail] = tailAt === -1 ? [number, ''] : [number.slice(0, tailAt), number.slice(tailAt)];
  let missing = notation === 'g' || notation === 'G' || notation === 'x' ? (precision === -1 ? 6 : precision) : 0;
  missing -= head.replace('.', '').replace(/^0+/, '').length;
  const hasPoint = head.includes('.');
  if (!hasPoint && head === '0') missing -= 1;
  return `${head}${hasPoint ? '' : '.'}${'0'.repeat(Math.max(0, missing))}${tail}`;
}
