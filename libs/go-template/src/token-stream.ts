import { Lexer } from './lexer.ts';
import { TemplateError } from './template-error.ts';
import type { GoString } from './text/bytes.ts';
import { textOf } from './text/bytes.ts';
import { describeToken } from './tokens.ts';
import type { Token, TokenKind } from './tokens.ts';

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
