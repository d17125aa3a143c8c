import { checkTextLength } from '../limits.ts';
import type { Maybe } from '../reflect/value.ts';
import { decodeRune, encodeRune } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { printArgument } from './print-value.ts';
import type { Spec } from './text.ts';

/**
 * Go's `fmt.Sprintf`.
 *
 * Faults of the format show in the text, as in Go: `%!d(string=x)`, `%!s(MISSING)`, `%!(EXTRA int=1)`.
 *
 * @see https://pkg.go.dev/fmt#hdr-Printing
 */
export function sprintf(format: GoString, args: readonly Maybe[]): GoString {
  const reader = new FormatReader(format, args);
  let result = '';
  for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
    result += piece;
    checkTextLength(result.length);
  }
  return result + reader.extra();
}

/** Beyond this, widths and precisions are taken for mistakes. */
const WIDTH_LIMIT = 1_000_000;

class FormatReader {
  readonly #format: GoString;
  readonly #args: readonly Maybe[];
  #position = 0;
  #argument = 0;
  #isReordered = false;
  #isArgumentGood = true;
  #isAfterIndex = false;

  constructor(format: GoString, args: readonly Maybe[]) {
    this.#format = format;
    this.#args = args;
  }

  /** The next piece of text: literal, or one verb printed. */
  next(): GoString | undefined {
    if (this.#position >= this.#format.length) return undefined;
    const percent = this.#format.indexOf('%', this.#position);
    if (percent !== this.#position) {
      const literal = this.#format.slice(this.#position, percent === -1 ? undefined : percent);
      this.#position += literal.length;
      return literal;
    }
    this.#position += 1;
    return this.#verb();
  }

  /** What is said of arguments that no verb has asked for. */
  extra(): GoString {
    if (this.#isReordered || this.#argument >= this.#args.length) return '';
    const extras = this.#args
      .slice(this.#argument)
      .map((value) =>
        value === undefined || value.tag === 'nil' ? '<nil>' : `${value.type.name}=${printArgument(value, 'v', {})}`,
      );
    return `%!(EXTRA ${extras.join(', ')})`;
  }

  #verb(): GoString {
    this.#isArgumentGood = true;
    this.#isAfterIndex = false;
    const spec: Spec = {};
    this.#flags(spec);
    this.#index();
    const problems = this.#width(spec) + this.#precision(spec);
    this.#indexUnlessRead();
    const { rune, size } = decodeRune(this.#format, this.#position);
    if (size === 0) return `${problems}%!(NOVERB)`;
    this.#position += size;
    return problems + this.#print(encodeRune(rune), spec);
  }

  #print(verb: GoString, spec: Spec): GoString {
    if (verb === '%') return '%';
    if (!this.#isArgumentGood) return `%!${verb}(BADINDEX)`;
    if (this.#argument >= this.#args.length) return `%!${verb}(MISSING)`;
    const value = this.#args[this.#argument];
    this.#argument += 1;
    if (verb !== 'v' && verb !== 'w') return printArgument(value, verb, spec);
    const { sharp = false, plus = false } = spec;
    return printArgument(value, verb, { ...spec, sharp: false, plus: false, sharpV: sharp, plusV: plus });
  }

  #flags(spec: Spec): void {
    for (; ; this.#position += 1) {
      switch (this.#format[this.#position]) {
        case '#':
          spec.sharp = true;
          break;
        case '0':
          spec.zero = true;
          break;
        case '+':
          spec.plus = true;
          break;
        case '-':
          spec.minus = true;
          break;
        case ' ':
          spec.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** Reads `[3]`, which names the argument that comes next. */
  #index(): void {
    if (this.#format[this.#position] !== '[') return;
    this.#isReordered = true;
    const end = this.#format.indexOf(']', this.#position);
    if (this.#format.length - this.#position < 3 || end === -1) {
      this.#isArgumentGood = false;
      this.#position += 1;
      return;
    }
    const text = this.#format.slice(this.#position + 1, end);
    this.#position = end + 1;
    const number = /^[0-9]{1,7}$/.test(text) ? Number(text) : undefined;
    if (number === undefined) {
      this.#isArgumentGood = false;
      return;
    }
    this.#isAfterIndex = true;
    if (number >= 1 && number <= this.#args.length) this.#argument = number - 1;
    else this.#isArgumentGood = false;
  }

  #indexUnlessRead(): void {
    if (!this.#isAfterIndex) this.#index();
  }

  #width(spec: Spec): GoString {
    if (this.#format[this.#position] !== '*') {
      spec.width = this.#number();
      if (this.#isAfterIndex && spec.width !== undefined) this.#isArgumentGood = false;
      return '';
    }
    this.#position += 1;
    this.#isAfterIndex = false;
    const width = this.#integerArgument();
    if (width === undefined) return '%!(BADWIDTH)';
    spec.width = Math.abs(width);
    if (width < 0) {
      spec.minus = true;
      spec.zero = false;
    }
    return '';
  }

  #precision(spec: Spec): GoString {
    if (this.#format[this.#position] !== '.' || this.#position + 1 >= this.#format.length) return '';
    this.#position += 1;
    if (this.#isAfterIndex) this.#isArgumentGood = false;
    this.#isAfterIndex = false;
    this.#index();
    if (this.#format[this.#position] !== '*') {
      spec.precision = this.#number() ?? 0;
      return '';
    }
    this.#position += 1;
    this.#isAfterIndex = false;
    const precision = this.#integerArgument();
    if (precision === undefined || precision < 0) return '%!(BADPREC)';
    spec.precision = precision;
    return '';
  }

  #number(): number | undefined {
    const digits = /^[0-9]*/.exec(this.#format.slice(this.#position, this.#position + 32))?.[0] ?? '';
    if (digits === '') return undefined;
    if (Number(digits) > WIDTH_LIMIT * 10) {
      // Go gives up on the whole format here.
      this.#position = this.#format.length;
      return undefined;
    }
    this.#position += digits.length;
    return Number(digits);
  }

  #integerArgument(): number | undefined {
    const value = this.#args[this.#argument];
    if (this.#argument >= this.#args.length) return undefined;
    this.#argument += 1;
    if (value?.tag !== 'int') return undefined;
    const number = Number(value.int);
    return Math.abs(number) > WIDTH_LIMIT ? undefined : number;
  }
}

/** Go's `fmt.Sprint`: a blank between two operands when neither is a string. */
export function sprint(args: readonly Maybe[]): GoString {
  return args
    .map((value, index) => {
      const previous = args[index - 1];
      const needsBlank = index > 0 && value?.tag !== 'string' && previous?.tag !== 'string';
      return (needsBlank ? ' ' : '') + printArgument(value, 'v', {});
    })
    .join('');
}

/** Go's `fmt.Sprintln`: a blank between all operands, and a line break. */
export function sprintln(args: readonly Maybe[]): GoString {
  return `${args.map((value) => printArgument(value, 'v', {})).join(' ')}\n`;
}
