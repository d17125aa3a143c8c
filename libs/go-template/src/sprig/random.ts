import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { GoError } from '../errors.ts';
import { anInt, aString, fn0, fn1, fn2 } from '../funcs/func.ts';
import type { GoFunction } from '../funcs/func.ts';
import { checkTextLength } from '../limits.ts';
import { int, string } from '../reflect/value.ts';
import { fromRunes, runesOf } from '../unicode/utf8.ts';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_code, index) => index + 32));

const drawing = (alphabet: string): GoFunction =>
  fn1(anInt, (count) => {
    checkTextLength(count);
    // sprig gives nothing for a count that makes no sense.
    const characters = Array.from({ length: Math.max(0, count) }, () => alphabet.charAt(randomInt(alphabet.length)));
    return string(characters.join(''));
  });

/** sprig's functions of chance. */
export const RANDOM_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  randAlphaNum: drawing(LETTERS + DIGITS),
  randAlpha: drawing(LETTERS),
  randNumeric: drawing(DIGITS),
  randAscii: drawing(PRINTABLE),
  randBytes: fn1(anInt, (count) => {
    if (count < 0) throw new GoError('runtime error: makeslice: len out of range');
    checkTextLength(count);
    return string(randomBytes(count).toString('base64'));
  }),
  randInt: fn2(anInt, anInt, (min, max) => {
    if (max <= min) throw new GoError('invalid argument to Intn');
    // Node draws from ranges below 2^48.
    if (max - min >= 2 ** 48) throw new GoError('range is too wide');
    return int(min + randomInt(max - min));
  }),
  shuffle: fn1(aString, (text) => {
    const runes = runesOf(text);
    for (let index = runes.length - 1; index > 0; index -= 1) {
      const other = randomInt(index + 1);
      [runes[index], runes[other]] = [runes[other] ?? 0, runes[index] ?? 0];
    }
    return string(fromRunes(runes));
  }),
  uuidv4: fn0(() => string(randomUUID())),
};
