import { isValues } from '../values.ts';
import type { Chart, Values } from '../values.ts';
import { shown } from './readings.ts';
import type { Reading } from './readings.ts';

/** What the whole file says, for rules that depend on more than one value. */
export interface Situation {
  readonly values: Values;
  /** The program that does what the Go handler did with this file. */
  readonly replacement: Chart;
  /** Systems of the nodes that the DaemonSets are for. */
  readonly systems: readonly ('linux' | 'windows')[];
  /** Whether the new release takes over the old one's service account. */
  readonly keepsServiceAccount: boolean;
}

/**
 * What has become of a value:
 *
 * - `kept`: it goes over as it is; `renamed`: under another name; `changed`: in another form, or with another content;
 * - `dropped`: it is not needed, or would do harm; `asked`: it was left out, and only its owner knows what was meant.
 */
export type Fate = 'kept' | 'renamed' | 'changed' | 'dropped' | 'asked';

/** What has become of one value, or of a part of it. */
export interface Account {
  /** Its name in the Go handler's chart, such as `image.tag`. */
  readonly value: string;
  readonly fate: Fate;
  /** Why, in a sentence; nothing for what is kept. */
  readonly why?: string;
}

/** What becomes of one value of the Go handler's chart. */
export interface Outcome {
  /** Values for each chart; a chart that is left out gets none. */
  readonly to: Readonly<Partial<Record<Chart, Values>>>;
  readonly accounts: readonly Account[];
}

/** How one value goes over. */
export interface Rule {
  /** What becomes of it as a rule, for the table of all values. */
  readonly fate: Fate;
  /** The same in words. */
  readonly about: string;
  apply(value: unknown, name: string, situation: Situation): Outcome;
}

/** The value goes to these charts under its own name, as far as `read` understands it. */
export function keep(read: (value: unknown) => Reading, ...to: readonly Chart[]): Rule {
  return { fate: 'kept', about: '', apply: (value, name) => outcomeOf(read(value), name, name, to) };
}

/** The value goes to these charts under another name. */
export function rename(target: string, read: (value: unknown) => Reading, ...to: readonly Chart[]): Rule {
  const about = `It is called \`${target}\`.`;
  return { fate: 'renamed', about, apply: (value, name) => outcomeOf(read(value), name, target, to, about) };
}

/** The value goes nowhere. */
export function drop(about: string): Rule {
  return { fate: 'dropped', about, apply: (_, name) => ({ to: {}, accounts: [dropped(name, about)] }) };
}

/** How a value with named parts goes over; about one that has none its owner is asked. */
export function ofParts(apply: (value: Values, name: string, situation: Situation) => Outcome): Rule['apply'] {
  return (value, name, situation) =>
    isValues(value)
      ? apply(value, name, situation)
      : { to: {}, accounts: [asked(name, `${shown(value)} has no parts.`)] };
}

/** The same values for several charts. */
export function toEach(to: readonly Chart[], values: Values): Outcome['to'] {
  return Object.fromEntries(to.map((chart) => [chart, values]));
}

export function kept(value: string): Account {
  return { value, fate: 'kept' };
}

export function changed(value: string, why: string): Account {
  return { value, fate: 'changed', why };
}

export function dropped(value: string, why: string): Account {
  return { value, fate: 'dropped', why };
}

export function asked(value: string, why: string): Account {
  return { value, fate: 'asked', why };
}

function outcomeOf(reading: Reading, name: string, target: string, to: readonly Chart[], renamed?: string): Outcome {
  if (reading.unclear !== undefined) return { to: {}, accounts: [asked(name, reading.unclear)] };
  const why = [renamed, reading.change].filter((part) => part !== undefined).join(' ');
  const fate = renamed !== undefined ? 'renamed' : reading.change !== undefined ? 'changed' : 'kept';
  return {
    to: toEach(to, { [target]: reading.value }),
    accounts: [{ value: name, fate, ...(why === '' ? {} : { why }) }],
  };
}
