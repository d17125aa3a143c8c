import type { Chart, Values } from '../values.ts';

/** What the whole file says, for rules that depend on more than one value. */
export interface Situation {
  readonly values: Values;
  /** The program that does what the Go handler did with this file. */
  readonly replacement: Chart;
}

/** What becomes of one value of the Go handler's chart. */
export interface Outcome {
  /** Values for each chart; a chart that is left out gets none. */
  readonly to: Readonly<Partial<Record<Chart, Values>>>;
  /** What has changed and why, in a sentence; undefined when the value goes over as it is. */
  readonly change?: string;
}

/** How one value goes over. */
export type Rule = (value: unknown, name: string, situation: Situation) => Outcome;

/** The value goes to these charts under its own name. */
export function keep(...to: readonly Chart[]): Rule {
  return (value, name) => ({ to: toEach(to, { [name]: typed(value) }) });
}

/** The value goes to these charts under another name. */
export function rename(target: string, ...to: readonly Chart[]): Rule {
  return (value) => ({ to: toEach(to, { [target]: typed(value) }), change: `It is called \`${target}\` now.` });
}

/** The value goes nowhere. */
export function retire(why: string): Rule {
  return () => ({ to: {}, change: why });
}

/** The same values for several charts. */
export function toEach(to: readonly Chart[], values: Values): Outcome['to'] {
  return Object.fromEntries(to.map((chart) => [chart, values]));
}

/** `--set-string` and quoting make texts of booleans; the new charts tell the two apart. */
function typed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : value;
}
