import { fromFunction, UNTYPED } from '../reflect/convert.ts';
import type { Arguments, GoType, Signature } from '../reflect/type.ts';
import type { GoFunction } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import { goString } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { BUILTINS } from './builtins.ts';

/** A function with Go types, whose arguments Go's rules check; made by {@link func}, {@link refused} and `sprigFunctions`. */
export interface GoFunc extends Signature {
  /** Why templates that name it are refused, if they are. */
  readonly refusal?: string;
}

/**
 * A function that templates can call.
 *
 * A plain JavaScript function takes any number of arguments of any type. What it gives back becomes a Go value again, what it throws an
 * error of the template. It can't wait: a promise is no value.
 */
export type TemplateFunction = GoFunc | PlainFunction;

/** A JavaScript function of any parameters. */
export type PlainFunction = {
  /** Gets JavaScript values, and gives one back. */
  run(...args: readonly unknown[]): unknown;
}['run'];

/** Functions by the names that templates call them by. */
export type FuncMap = Readonly<Record<string, TemplateFunction>>;

/**
 * Makes a function with Go types.
 *
 * A wrong number or type of arguments is the error that Go gives: `wrong number of args for repeat: want 2 got 1`.
 */
export function func<const P extends readonly GoType[], R = never>(
  signature: Signature<P, R>,
  run: (...args: Arguments<P, R>) => unknown,
): GoFunc {
  return fromFunction(signature, run);
}

/** Makes a function that templates are refused for naming, with a reason; for one that would have that name otherwise. */
export function refused(reason: string): GoFunc {
  return { params: [], refusal: reason };
}

/** Finds functions by name: those given first, then those of `text/template` itself. */
export function functionIn(funcs: FuncMap, name: GoString): GoFunction | { readonly problem: GoString } {
  const found = Object.hasOwn(funcs, name) ? funcs[name] : BUILTINS.get(name);
  if (found === undefined) return { problem: `function ${quote(name)} not defined` };
  if (typeof found === 'function') return fromFunction(UNTYPED, found);
  if (isGoFunction(found)) return found;
  return { problem: goString(`function ${quote(name)} is refused: ${found.refusal ?? 'it is none'}`) };
}

function isGoFunction(func: GoFunc): func is GoFunction {
  return 'call' in func;
}
