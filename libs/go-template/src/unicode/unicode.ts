const matches =
  (pattern: RegExp) =>
  (rune: number): boolean =>
    pattern.test(String.fromCodePoint(rune));

/** Go's `unicode.IsLetter`. */
export const isLetter = matches(/^\p{L}$/u);
/** Go's `unicode.IsDigit`: decimal digits of any script. */
export const isDigit = matches(/^\p{Nd}$/u);
/** Go's `unicode.IsNumber`. */
export const isNumber = matches(/^\p{N}$/u);
/** Go's `unicode.IsPunct`. */
export const isPunct = matches(/^\p{P}$/u);
/** Go's `unicode.IsUpper`. */
export const isUpper = matches(/^\p{Lu}$/u);
/** Go's `unicode.IsLower`. */
export const isLower = matches(/^\p{Ll}$/u);
/** Go's `unicode.IsTitle`. */
export const isTitle = matches(/^\p{Lt}$/u);

/** Go's `unicode.IsSpace`. */
export const isSpace = matches(/^[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u);

/** Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and of the spaces the plain one. */
export const isPrint = matches(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u);

/** Go's `unicode.ToUpper`. */
export function toUpper(rune: number): number {
  return mapped(rune, (text) => text.toUpperCase());
}

/** Go's `unicode.ToLower`. */
export function toLower(rune: number): number {
  return mapped(rune, (text) => text.toLowerCase());
}

/** Go's `unicode.ToTitle`: the upper case but for the few digraphs that have a title case of their own. */
export function toTitle(rune: number): number {
  return TITLE_CASES.get(rune) ?? toUpper(rune);
}

const TITLE_CASES = new Map(
  [
    [0x1c4, 0x1c5, 0x1c6],
    [0x1c7, 0x1c8, 0x1c9],
    [0x1ca, 0x1cb, 0x1cc],
    [0x1f1, 0x1f2, 0x1f3],
  ].flatMap(([upper = 0, title = 0, lower = 0]) =>
    [upper, title, lower].map((rune): [number, number] => [rune, title]),
  ),
);

// Go maps one code point to one; where JavaScript's full mapping gives several, Go's simple mapping keeps the character.
function mapped(rune: number, map: (text: string) => string): number {
  if (rune === 0x130) return 0x69;
  const [first, second] = map(String.fromCodePoint(rune));
  return first === undefined || second !== undefined ? rune : (first.codePointAt(0) ?? rune);
}
