import { aString, fn1 } from '../funcs/func.ts';
import { string } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import {
  isDigit,
  isLetter,
  isLower,
  isSpace,
  isTitle,
  isUpper,
  toLower,
  toTitle,
  toUpper,
} from '../unicode/unicode.ts';
import { fromRunes, isAscii, runesOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { camelCase, separateWords } from './words.ts';

/** sprig's functions that change the case of letters. */
export const CASE_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  upper: fn1(aString, (text) => string(isAscii(text) ? text.toUpperCase() : fromRunes(runesOf(text).map(toUpper)))),
  lower: fn1(aString, (text) => string(isAscii(text) ? text.toLowerCase() : fromRunes(runesOf(text).map(toLower)))),
  title: fn1(aString, (text) => string(titled(text))),
  untitle: fn1(aString, (text) => string(untitled(text))),
  swapcase: fn1(aString, (text) => string(swapped(text))),
  snakecase: fn1(aString, (text) => string(separateWords(text, '_'))),
  kebabcase: fn1(aString, (text) => string(separateWords(text, '-'))),
  camelcase: fn1(aString, (text) => string(camelCase(text))),
};

/** Go's `strings.Title`. */
function titled(text: GoString): GoString {
  const runes = runesOf(text);
  return fromRunes(
    runes.map((rune, index) => (index === 0 || isSeparator(runes[index - 1] ?? 0) ? toTitle(rune) : rune)),
  );
}

function isSeparator(rune: number): boolean {
  if (rune < 0x80) return !/[0-9A-Za-z_]/.test(String.fromCharCode(rune));
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune);
}

function untitled(text: GoString): GoString {
  const runes = runesOf(text);
  return fromRunes(runes.map((rune, index) => (index === 0 || isSpace(runes[index - 1] ?? 0) ? toLower(rune) : rune)));
}

function swapped(text: GoString): GoString {
  let isAfterSpace = true;
  return fromRunes(
    runesOf(text).map((rune) => {
      if (isUpper(rune) || isTitle(rune)) {
        isAfterSpace = false;
        return toLower(rune);
      }
      if (isLower(rune)) {
        const swapped = isAfterSpace ? toTitle(rune) : toUpper(rune);
        isAfterSpace = false;
        return swapped;
      }
      isAfterSpace = isSpace(rune);
      return rune;
    }),
  );
}
