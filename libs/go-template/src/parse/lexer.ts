import { quote } from '../strconv/quote.ts';
import { isDigit, isLetter, isPrint } from '../unicode/unicode.ts';
import { decodeRune, encodeRune } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { scanNumber } from './number.ts';
import { wordKind } from './token.ts';
import type { Token, TokenKind } from './token.ts';

const BLANKS = ' \t\r\n';

/** What actions begin and end with. */
export interface Delimiters {
  readonly left: GoString;
  readonly right: GoString;
}

/**
 * Cuts a template into tokens, one at a time.
 *
 * After an `error` token only `eof` comes.
 *
 * @see https://pkg.go.dev/text/template#hdr-Actions
 */
export class Lexer {
  readonly #input: GoString;
  readonly #left: GoString;
  readonly #right: GoString;
  #position = 0;
  #start = 0;
  #startLine = 1;
  #isInsideAction = false;
  #parenDepth = 0;
  #hasFailed = false;

  constructor(input: GoString, { left, right }: Delimiters) {
    this.#input = input;
    this.#left = left;
    this.#right = right;
  }

  next(): Token {
    if (this.#hasFailed) return this.#token('eof');
    if (this.#isInsideAction) return this.#action();
    return this.#text();
  }

  #token(kind: TokenKind): Token {
    const text = this.#input.slice(this.#start, this.#position);
    const token = { kind, position: this.#start, text, line: this.#startLine };
    this.#skip();
    return token;
  }

  /** Leaves out what has been read since the last token. */
  #skip(): void {
    for (let index = this.#start; index < this.#position; index += 1) {
      if (this.#input[index] === '\n') this.#startLine += 1;
    }
    this.#start = this.#position;
  }

  #error(message: GoString): Token {
    this.#hasFailed = true;
    return { kind: 'error', position: this.#start, text: message, line: this.#startLine };
  }

  #text(): Token {
    const action = this.#input.indexOf(this.#left, this.#position);
    if (action === -1) {
      this.#position = this.#input.length;
      return this.#token(this.#start === this.#position ? 'eof' : 'text');
    }
    const isTrimmed = this.#hasLeftTrimMarker(action + this.#left.length);
    let end = action;
    while (isTrimmed && end > this.#start && BLANKS.includes(this.#input.charAt(end - 1))) end -= 1;
    this.#position = end;
    const text = end > this.#start ? this.#token('text') : undefined;
    this.#position = action;
    this.#skip();
    return text ?? this.#leftDelimiter(isTrimmed);
  }

  #leftDelimiter(isTrimmed: boolean): Token {
    const afterMarker = this.#start + this.#left.length + (isTrimmed ? 2 : 0);
    if (this.#input.startsWith('/*', afterMarker)) {
      this.#position = afterMarker;
      this.#skip();
      return this.#comment();
    }
    this.#position = this.#start + this.#left.length;
    const token = this.#token('left-delim');
    this.#position = afterMarker;
    this.#skip();
    this.#isInsideAction = true;
    this.#parenDepth = 0;
    return token;
  }

  #comment(): Token {
    const end = this.#input.indexOf('*/', this.#position + 2);
    if (end === -1) return this.#error('unclosed comment');
    this.#position = end + 2;
    const delimiter = this.#rightDelimiterLength();
    if (delimiter === 0) return this.#error('comment ends before closing delimiter');
    this.#position += delimiter;
    if (delimiter > this.#right.length) this.#readBlanks();
    this.#skip();
    return this.#text();
  }

  #action(): Token {
    const delimiter = this.#rightDelimiterLength();
    if (delimiter > 0) {
      if (this.#parenDepth > 0) return this.#error('unclosed left paren');
      return this.#rightDelimiter(delimiter);
    }
    const { rune, size } = decodeRune(this.#input, this.#position);
    if (size === 0) return this.#error('unclosed action');
    const character = this.#input.charAt(this.#position);
    if (BLANKS.includes(character)) return this.#space();
    this.#position += size;
    switch (character) {
      case '=':
        return this.#token('assign');
      case ':':
        this.#position += 1;
        return this.#input[this.#position - 1] === '=' ? this.#token('declare') : this.#error('expected :=');
      case '|':
        return this.#token('pipe');
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.#quoted("'", 'char-constant', 'unterminated character constant');
      case '`':
        return this.#rawQuoted();
      case '$':
        return this.#fieldOrVariable('variable');
      case '(':
        this.#parenDepth += 1;
        return this.#token('left-paren');
      case ')':
        this.#parenDepth -= 1;
        return this.#parenDepth < 0 ? this.#error('unexpected right paren') : this.#token('right-paren');
    }
    if (character === '.' && this.#position < this.#input.length && !/[0-9]/.test(this.#input.charAt(this.#position))) {
      return this.#fieldOrVariable('field');
    }
    if (/[-+.0-9]/.test(character)) return this.#number();
    if (isNameRune(rune)) return this.#word();
    if (rune < 0x80 && isPrint(rune)) return this.#token('char');
    return this.#error(`unrecognized character in action: ${nameRune(rune)}`);
  }

  #rightDelimiter(length: number): Token {
    const isTrimmed = length > this.#right.length;
    if (isTrimmed) {
      this.#position += length - this.#right.length;
      this.#skip();
    }
    this.#position += this.#right.length;
    const token = this.#token('right-delim');
    if (isTrimmed) {
      this.#readBlanks();
      this.#skip();
    }
    this.#isInsideAction = false;
    return token;
  }

  #space(): Token {
    // The blank before a trimming delimiter belongs to the delimiter.
    do this.#position += 1;
    while (this.#isBlankAt(this.#position) && this.#rightDelimiterLength() === 0);
    return this.#token('space');
  }

  #word(): Token {
    this.#position = this.#start;
    this.#readName();
    if (!this.#isAtTerminator()) return this.#badCharacter();
    return this.#token(wordKind(this.#input.slice(this.#start, this.#position)));
  }

  #fieldOrVariable(kind: 'field' | 'variable'): Token {
    if (this.#isAtTerminator()) return this.#token(kind === 'field' ? 'dot' : 'variable');
    this.#readName();
    return this.#isAtTerminator() ? this.#token(kind) : this.#badCharacter();
  }

  #number(): Token {
    const { end, kind } = scanNumber(this.#input, this.#start);
    this.#position = end;
    if (kind !== 'bad') return this.#token(kind);
    return this.#error(`bad number syntax: ${quote(this.#input.slice(this.#start, end))}`);
  }

  #quoted(delimiter: string, kind: TokenKind, problem: string): Token {
    for (;;) {
      const character = this.#input[this.#position];
      this.#position += 1;
      if (character === delimiter) return this.#token(kind);
      if (character === '\\') {
        const escaped = this.#input[this.#position];
        this.#position += 1;
        if (escaped !== undefined && escaped !== '\n') continue;
        return this.#error(problem);
      }
      if (character === undefined || character === '\n') return this.#error(problem);
    }
  }

  #rawQuoted(): Token {
    const end = this.#input.indexOf('`', this.#position);
    if (end === -1) return this.#error('unterminated raw quoted string');
    this.#position = end + 1;
    return this.#token('raw-string');
  }

  #badCharacter(): Token {
    return this.#error(`bad character ${nameRune(decodeRune(this.#input, this.#position).rune)}`);
  }

  #readName(): void {
    for (;;) {
      const { rune, size } = decodeRune(this.#input, this.#position);
      if (size === 0 || !isNameRune(rune)) return;
      this.#position += size;
    }
  }

  #readBlanks(): void {
    while (this.#isBlankAt(this.#position)) this.#position += 1;
  }

  #isAtTerminator(): boolean {
    const character = this.#input[this.#position];
    return (
      character === undefined ||
      `${BLANKS}.,|:)(`.includes(character) ||
      this.#input.startsWith(this.#right, this.#position)
    );
  }

  #isBlankAt(index: number): boolean {
    const character = this.#input[index];
    return character !== undefined && BLANKS.includes(character);
  }

  #hasLeftTrimMarker(index: number): boolean {
    return this.#input[index] === '-' && this.#isBlankAt(index + 1);
  }

  /** The length of the right delimiter that is here, its trim marker included; 0 when there is none. */
  #rightDelimiterLength(): number {
    const at = this.#position;
    if (this.#isBlankAt(at) && this.#input.startsWith(`-${this.#right}`, at + 1)) return 2 + this.#right.length;
    return this.#input.startsWith(this.#right, at) ? this.#right.length : 0;
  }
}

/** Tells whether a name may hold the character. */
function isNameRune(rune: number): boolean {
  return rune === 0x5f || isLetter(rune) || isDigit(rune);
}

function nameRune(rune: number): GoString {
  const code = `U+${rune.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(rune) ? `${code} '${encodeRune(rune)}'` : code;
}
