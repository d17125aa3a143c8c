import { fromRunes, runesOf } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';
import { isSpace, isUpper, toLower, toUpper } from '../text/unicode.ts';

/** Whether a character stands between words. */
export function isConnector(rune: number): boolean {
  return rune === 0x2d || rune === 0x5f || isSpace(rune);
}

/**
 * sprig's `camelcase`: the words of `some_words-like these` joined, each with a capital; connectors at the beginning stay.
 *
 * @see https://pkg.go.dev/github.com/huandu/xstrings#ToPascalCase
 */
export function camelCase(text: GoString): GoString {
  const runes = runesOf(text);
  const start = runes.findIndex((rune) => !isConnector(rune));
  // The library writes the last of nothing but connectors twice.
  if (start === -1) return fromRunes([...runes, ...runes.slice(-1)]);
  const result = runes.slice(0, start);
  // A word in capitals goes on in small letters: "HTTP" is "Http".
  let isCapital = isUpper(runes[start] ?? 0);
  let previous = toUpper(runes[start] ?? 0);
  for (const rune of runes.slice(start + 1)) {
    let current = rune;
    if (isConnector(rune) && isConnector(previous)) {
      result.push(previous);
      previous = current;
      continue;
    }
    if (isConnector(previous)) {
      isCapital = isUpper(rune);
      current = toUpper(rune);
    } else {
      if (isCapital && isUpper(rune)) current = toLower(rune);
      else isCapital = false;
      result.push(previous);
    }
    previous = current;
  }
  return fromRunes([...result, previous]);
}
