import type { GoString } from '../text/bytes.ts';
import { quote } from '../text/quote.ts';
import type { GoFunction } from '../evaluate/go-function.ts';
import { FUNCTIONS, REGEX_NAMES } from './catalogue.ts';
import { REFUSED_FUNCTIONS } from './refused.ts';

const REGEX: ReadonlySet<string> = new Set(REGEX_NAMES);
const REFUSED = new Map(Object.entries(REFUSED_FUNCTIONS));

/** What keeps a template from calling a function: that there is none of that name, or that it is refused. */
export function functionProblem(name: GoString): GoString | undefined {
  if (FUNCTIONS.has(name) || REGEX.has(name)) return undefined;
  const reason = REFUSED.get(name);
  return reason === undefined
    ? `function ${quote(name)} not defined`
    : `function ${quote(name)} is refused in a webhook template: ${reason}`;
}

/** The functions for a template that uses these names; the engine for regular expressions comes with them only where it is needed. */
export async function functionsFor(names: ReadonlySet<string>): Promise<ReadonlyMap<string, GoFunction>> {
  if (!REGEX_NAMES.some((name) => names.has(name))) return FUNCTIONS;
  const { REGEX_FUNCTIONS } = await import('./regex.ts');
  return new Map([...FUNCTIONS, ...Object.entries(REGEX_FUNCTIONS)]);
}
