import { quote } from '../strconv/quote.ts';
import { fromRunes, runeCount, runesOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** What a piece of a template is. */
export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'char-constant'
  | 'comment'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'left-delim'
  | 'left-paren'
  | 'number'
  | 'pipe'
  | 'raw-string'
  | 'right-delim'
  | 'right-paren'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | 'nil'
  | Keyword;

/** The words that begin an action. */
type Keyword = 'block' | 'break' | 'continue' | 'define' | 'else' | 'end' | 'if' | 'range' | 'template' | 'with';

/** One piece of a template. */
export interface Token {
  readonly kind: TokenKind;
  /** Byte offset of its first byte. */
  readonly position: number;
  /** As written; for `error` what is wrong. */
  readonly text: GoString;
  /** The line it begins on, from 1. */
  readonly line: number;
}

const KEYWORDS: ReadonlyMap<string, Keyword | 'dot' | 'nil'> = new Map(
  (['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with'] as const).map(
    (word) => [word, word],
  ),
);

/** The kind of a word: a keyword, a truth value, or the name of something. */
export function wordKind(word: GoString): TokenKind {
  return KEYWORDS.get(word) ?? (word === 'true' || word === 'false' ? 'bool' : 'identifier');
}

/** Names a token in an error, as Go does. */
export function describeToken({ kind, text }: Token): GoString {
  if (kind === 'eof') return 'EOF';
  if (kind === 'error') return text;
  if (kind === 'dot' || KEYWORDS.has(kind)) return `<${text}>`;
  if (text.length <= 10) return quote(text);
  return `${quote(runeCount(text) <= 10 ? text : fromRunes(runesOf(text).slice(0, 10)))}...`;
}
