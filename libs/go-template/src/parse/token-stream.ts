import { TemplateError } from '../errors.ts';
import { textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { Lexer } from './lexer.ts';
import type { Delimiters } from './lexer.ts';
import { describeToken } from './token.ts';
import type { Token, TokenKind } from './token.ts';

/** The tokens of one template, with some to look ahead at. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #name: GoString;
  readonly #ahead: Token[] = [];
  /** The line of the token read last. */
  lastLine = 1;
  /** The line that the action now being read began on; 0 outside of one. */
  actionLine = 0;

  constructor(name: GoString, source: GoString, delims: Delimiters) {
    this.#name = name;
    this.#lexer = new Lexer(source, delims);
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

  /** Ends the parsing; the line given is that of the token read last, as in Go, where nothing else is said. */
  fail(message: GoString, line = this.lastLine): never {
    throw new TemplateError(
      'parse',
      { template: textOf(this.#name), line },
      textOf(`template: ${this.#name}:${line}: ${message}`),
    );
  }

  #read(): Token {
    const token = this.#lexer.next();
    this.lastLine = token.line;
    return token;
  }
}
