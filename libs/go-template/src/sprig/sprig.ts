import type { FuncMap } from '../funcs/funcmap.ts';
import { REGEX_FUNCTIONS } from './regex.ts';
import { sprigFunctionsWithoutRegex } from './without-regex.ts';
import type { SprigOptions } from './without-regex.ts';

/**
 * Gives sprig's functions, to be handed to `parseTemplate` as `funcs`.
 *
 * Those in {@link SPRIG_REFUSED} are refused.
 *
 * @see https://masterminds.github.io/sprig/
 */
export function sprigFunctions(options: SprigOptions = {}): FuncMap {
  return { ...sprigFunctionsWithoutRegex(options), ...REGEX_FUNCTIONS };
}
