import { TemplateError } from './errors.ts';
import { Evaluator } from './exec/exec.ts';
import type { MissingKey } from './exec/members.ts';
import { Execution } from './exec/state.ts';
import { functionIn } from './funcs/funcmap.ts';
import type { FuncMap } from './funcs/funcmap.ts';
import { DEFAULT_LIMITS, withLimits } from './limits.ts';
import type { TemplateLimits } from './limits.ts';
import type { Delimiters } from './parse/lexer.ts';
import { literalArguments } from './parse/literals.ts';
import type { LiteralArgument } from './parse/literals.ts';
import { parse } from './parse/parser.ts';
import { fromJs } from './reflect/convert.ts';
import type { GoFunction, Maybe } from './reflect/value.ts';
import { quote } from './strconv/quote.ts';
import { goString, textOf, uint8ArrayFrom } from './unicode/utf8.ts';
import type { GoString } from './unicode/utf8.ts';

/** How a template is parsed and run. */
export interface TemplateOptions {
  /** What errors call the template. Default: `template`. */
  readonly name?: string;
  /** Functions beside those of `text/template` itself, which they go before. Default: none. */
  readonly funcs?: FuncMap;
  /** What actions begin and end with. Default: `{{` and `}}`. */
  readonly delims?: readonly [left: string, right: string];
  /**
   * What a key that a map has not gives: `default` nothing, which prints `<no value>`; `zero` the zero of the map's elements; `error` an
   * error. Default: `default`.
   */
  readonly missingKey?: MissingKey;
  /** How far the template may go. Default for each: {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<TemplateLimits>;
}

/** A parsed template. */
export interface Template {
  /** What errors call it. */
  readonly name: string;
  /**
   * Runs the template on some data.
   *
   * The data is copied as the run begins: nothing that the template does changes it.
   *
   * @returns what it writes, as text; bytes that are no UTF-8 become U+FFFD.
   * @throws {@link TemplateError} when the template fails, TypeError for data that has no Go value.
   */
  execute(data?: unknown): string;
  /**
   * Runs the template on some data.
   *
   * @returns the bytes that it writes, which templates can cut at any place.
   * @throws {@link TemplateError} when the template fails, TypeError for data that has no Go value.
   */
  executeBytes(data?: unknown): Uint8Array<ArrayBuffer>;
  /** The texts that a function of one argument is called with anywhere in the template; those that are computed are not known. */
  literalArguments(name: string): readonly LiteralArgument[];
}

/**
 * Parses a Go template.
 *
 * @throws {@link TemplateError} with the line and Go's own words.
 * @see https://pkg.go.dev/text/template
 */
export function parseTemplate(text: string, options: TemplateOptions = {}): Template {
  const { name = 'template', funcs = {}, missingKey = 'default' } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const source = goString(text);
  const goName = goString(name);
  const functions = new Map<string, GoFunction>();
  const delims = delimitersOf(options.delims);
  const templates = guarded(name, 'parse', limits, () =>
    parse(goName, source, delims, (word) => {
      const found = functionIn(funcs, word);
      if ('problem' in found) return found.problem;
      functions.set(word, found);
      return undefined;
    }),
  );
  const run = (data: unknown): GoString => {
    const dot = withLimits(limits, () => dotOf(data));
    return guarded(name, 'execute', limits, () => {
      const execution = new Execution(goName, source);
      const main = templates.get(goName);
      if (main === undefined) return execution.fail(`${quote(goName)} is an incomplete or empty template`);
      new Evaluator(execution, templates, { functions, missingKey }).run(main, { value: dot });
      return execution.output;
    });
  };
  return {
    name,
    execute: (data) => textOf(run(data)),
    executeBytes: (data) => uint8ArrayFrom(run(data)),
    literalArguments: (word) => literalArguments(templates, source, word),
  };
}

// As in Go, one that is empty stands for the usual one.
function delimitersOf([left, right]: readonly [left: string, right: string] = ['', '']): Delimiters {
  return { left: goString(left || '{{'), right: goString(right || '}}') };
}

/** What the template's dot is: nothing at all where there is no data. */
function dotOf(data: unknown): Maybe {
  const value = fromJs(data);
  return value.tag === 'nil' ? undefined : value;
}

/** Whatever goes wrong is an error of the template: one that nests deeper than the stack goes, or finds a fault of this engine, too. */
function guarded<T>(name: string, phase: 'parse' | 'execute', limits: TemplateLimits, run: () => T): T {
  try {
    return withLimits(limits, run);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    const reason = error instanceof RangeError ? 'is nested too deep or grows too large' : 'can not be handled';
    const message = textOf(`template: ${goString(name)}: template ${reason}`);
    throw new TemplateError(phase, { template: name, line: 1 }, message, { cause: error });
  }
}
