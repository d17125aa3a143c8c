import type { InterruptionEvent } from './event.ts';

/** What a parser makes of a body: a value for every input, never an exception. */
export type ParseOutcome =
  /** It held notices to act on: at least one. `rejected`: why other entries of it could not be understood, one line each; absent when all were. */
  | {
      readonly status: 'events';
      readonly events: readonly InterruptionEvent[];
      readonly rejected?: readonly string[];
    }
  /** It was understood and needs no action; `reason` says why, in one line. */
  | { readonly status: 'not-actionable'; readonly reason: string }
  /** It was not understood; `reason` names the field and the problem in one line and never holds the body. */
  | { readonly status: 'poison'; readonly reason: string };

/** Makes the outcome of a body that holds notices. */
export function parsedEvents(...events: readonly InterruptionEvent[]): ParseOutcome {
  return { status: 'events', events };
}

/** Makes the outcome of a body that needs no action. */
export function notActionable(reason: string): ParseOutcome {
  return { status: 'not-actionable', reason };
}

/** Makes the outcome of a body that cannot be understood. */
export function poison(reason: string): ParseOutcome {
  return { status: 'poison', reason };
}

/** The most reasons that an outcome gives. */
const MAX_REASONS = 10;

/** The first of many reasons, and how many more there are: a body has room for thousands of entries that nobody can read. */
export function firstOf(reasons: readonly string[]): readonly string[] {
  if (reasons.length <= MAX_REASONS) return reasons;
  return [...reasons.slice(0, MAX_REASONS - 1), `${reasons.length - MAX_REASONS + 1} more`];
}
