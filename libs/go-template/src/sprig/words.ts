import { isLetter, isNumber, isPunct, isSpace, isUpper, toLower, toUpper } from '../unicode/unicode.ts';
import { fromRunes, runesOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

type WordKind = 'connector' | 'punctuation' | 'capitals' | 'letters' | 'number' | 'other';

interface Word {
  readonly kind: WordKind;
  readonly runes: readonly number[];
}

/**
 * sprig's `snakecase` and `kebabcase`: `SomeWords` in small letters with a connector between them.
 *
 * A number belongs to the word before it, unless letters follow: `Bld4Floor` is `bld4_floor`, `HTTP2xx` is `http_2xx`.
 *
 * @see https://pkg.go.dev/github.com/huandu/xstrings#ToSnakeCase
 */
export function separateWords(text: GoString, connector: string): GoString {
  const words = wordsOf(runesOf(text));
  const glue = connector.charCodeAt(0);
  const result: number[] = [];
  const write = (word: Word | undefined): void => {
    if (word !== undefined) result.push(...lowered(word, glue));
  };
  const separates = (word: Word | undefined): boolean =>
    word !== undefined && word.kind !== 'connector' && word.kind !== 'punctuation';

  let index = 0;
  const writeNumberTail = (): void => {
    while (words[index]?.kind === 'letters' || words[index]?.kind === 'number') {
      write(words[index]);
      index += 1;
    }
    if (separates(words[index])) result.push(glue);
  };

  while (index < words.length - 1) {
    const word = words[index];
    write(word);
    index += 1;
    switch (word?.kind) {
      case 'number':
        writeNumberTail();
        break;
      case 'connector':
      case 'punctuation':
        break;
      default: {
        const next = words[index];
        if (next?.kind !== 'number') {
          if (separates(next)) result.push(glue);
          break;
        }
        if (index === words.length - 1) break;
        const after = words[index + 1];
        index += 1;
        if (after?.kind === 'letters') {
          result.push(glue);
          write(next);
          writeNumberTail();
        } else {
          write(next);
          if (separates(after)) result.push(glue);
        }
      }
    }
  }
  write(words[index]);
  return fromRunes(result);
}

function lowered({ kind, runes }: Word, glue: number): readonly number[] {
  if (kind !== 'capitals' && kind !== 'connector') return runes;
  return runes.map((rune) => (isConnector(rune) ? glue : isUpper(rune) ? toLower(rune) : rune));
}

function wordsOf(runes: readonly number[]): Word[] {
  const words: Word[] = [];
  for (let start = 0; start < runes.length;) {
    const { kind, length } = wordAt(runes, start);
    words.push({ kind, runes: runes.slice(start, start + length) });
    start += length;
  }
  return words;
}

function wordAt(runes: readonly number[], start: number): { readonly kind: WordKind; readonly length: number } {
  const lengthOfRun = (isPart: (rune: number) => boolean, from = start + 1): number => {
    const end = runes.findIndex((rune, index) => index >= from && !isPart(rune));
    return (end === -1 ? runes.length : end) - start;
  };
  const first = runes[start] ?? 0;
  if (isConnector(first)) return { kind: 'connector', length: lengthOfRun(isConnector) };
  if (isPunct(first)) return { kind: 'punctuation', length: lengthOfRun(isPunct) };
  if (isUpper(first)) return { kind: 'capitals', length: capitalsLength(runes, start, lengthOfRun) };
  if (isLetterOfWord(first)) return { kind: 'letters', length: lengthOfRun(isSmall) };
  if (isNumber(first)) return { kind: 'number', length: lengthOfRun(isNumber) };
  const isOther = (rune: number): boolean =>
    !isConnector(rune) && !isLetterOfWord(rune) && !isNumber(rune) && !isPunct(rune);
  return { kind: 'other', length: lengthOfRun(isOther) };
}

function capitalsLength(
  runes: readonly number[],
  start: number,
  lengthOfRun: (isPart: (rune: number) => boolean, from?: number) => number,
): number {
  const second = runes[start + 1];
  if (second === undefined) return 1;
  if (!isUpper(second)) return isLetterOfWord(second) ? lengthOfRun(isSmall) : 1;
  const length = lengthOfRun(isUpper);
  const after = runes[start + length];
  // The last capital of "HTTPStatus" begins the next word.
  return after !== undefined && isLetterOfWord(after) ? length - 1 : length;
}

/** A letter of a script that has words: not an ideograph. */
function isLetterOfWord(rune: number): boolean {
  const isIdeograph =
    (rune >= 0x4e00 && rune <= 0x9fcc) || (rune >= 0x3400 && rune <= 0x4d85) || (rune >= 0x20000 && rune <= 0x2b81d);
  return isLetter(rune) && !isIdeograph;
}

function isSmall(rune: number): boolean {
  return isLetterOfWord(rune) && !isUpper(rune);
}

/** Whether a character stands between words. */
function isConnector(rune: number): boolean {
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
