import { TemplateError } from '../errors.ts';
import { quote } from '../strconv/quote.ts';
import { fromRunes, runeCount, runesOf, textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { Lexer } from './lexer.ts';

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

/** The tokens of one template, with some to look ahead at. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #name: string;
  readonly #ahead: Token[] = [];
  #lastLine = 1;
  /** The line that the action now being read began on; 0 outside of one. */
  actionLine = 0;

  constructor(name: string, source: GoString) {
    this.#name = name;
    this.#lexer = new Lexer(source);
  }

  next(): Token {
    return this.#ahead.shift() ?? this.#read();
  }

  peek(): Token {
    const [first] = this.#ahead;
    if (first !== undefined) return first;
    const token = this.#read();
    this.#ahead.push(token);
    return token;
  }

  nextNonSpace(): Token {
    for (;;) {
      const token = this.next();
      if (token.kind !== 'space') return token;
    }
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.putBack(token);
    return token;
  }

  /** Gives tokens back, to come again in this order. */
  putBack(...tokens: readonly Token[]): void {
    this.#ahead.unshift(...tokens);
  }

  expect(kinds: readonly TokenKind[], context: string): Token {
    const token = this.nextNonSpace();
    return kinds.includes(token.kind) ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${describeToken(token)} in ${context}`);
    const isElsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const started = `started at ${this.#name}:${this.actionLine}`;
    const where = isElsewhere ? (token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`) : '';
    this.fail(`${token.text}${where}`);
  }

  /** Ends the parsing; the line given is that of the token read last, as in Go. */
  fail(message: GoString): never {
    throw new TemplateError(
      'parse',
      { template: this.#name, line: this.#lastLine },
      textOf(`template: ${this.#name}:${this.#lastLine}: ${message}`),
    );
  }

  #read(): Token {
    const token = this.#lexer.next();
    this.#lastLine = token.line;
    return token;
  }
}
