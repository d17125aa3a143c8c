import { anInt, aString, fn0, fn1, fn2 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkTextLength } from '../limits.ts';
import { int, string } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import { bytesFrom, fromRunes, runesOf } from '../unicode/utf8.ts';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_code, index) => index + 32));

const drawing = (alphabet: string): GoFunction =>
  fn1(anInt, (count) => {
    checkTextLength(count);
    // sprig gives nothing for a count that makes no sense.
    const bound = 256 - (256 % alphabet.length);
    let text = '';
    while (text.length < count) {
      // Bytes beyond the last whole multiple of the alphabet would make its first characters likelier.
      for (const byte of randomBytes(count - text.length))
        if (byte < bound) text += alphabet.charAt(byte % alphabet.length);
    }
    return string(text);
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
    return string(btoa(bytesFrom(randomBytes(count))));
  }),
  randInt: fn2(anInt, anInt, (min, max) => {
    if (max <= min) throw new GoError('invalid argument to Intn');
    if (max - min >= WIDEST) throw new GoError('range is too wide');
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
  uuidv4: fn0(() => string(crypto.randomUUID())),
};

/** How wide a range may be that a number is drawn from. */
const WIDEST = 2 ** 48;
/** So many bytes are drawn at a time, which is as many as there can be. */
const DRAWN = 65_536;

function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let start = 0; start < count; start += DRAWN) crypto.getRandomValues(bytes.subarray(start, start + DRAWN));
  return bytes;
}

/** A whole number from 0 to below a limit, each as likely as the others. */
function randomInt(limit: number): number {
  const bound = WIDEST - (WIDEST % limit);
  for (;;) {
    const drawn = randomBytes(6).reduce((number, byte) => number * 256 + byte, 0);
    // Those beyond the last whole multiple of the limit would make small numbers likelier.
    if (drawn < bound) return drawn % limit;
  }
}
