import { playOnThread } from '../on-thread.ts';
import { storyOf } from '../story.ts';
import type { Delivery } from '../worker.ts';
import type { MUTATIONS } from './mutations.ts';

/** What became of a mutation. */
export interface Find {
  readonly mutation: (typeof MUTATIONS)[number];
  /** How many seeds were played. */
  readonly played: number;
  /** Of the first that found it. */
  readonly delivery: Delivery | undefined;
}

/** Plays seeds with a mutation, one after the other, until an invariant breaks. */
export async function findMutation(
  mutation: Find['mutation'],
  [from, to]: readonly [from: number, to: number],
): Promise<Find> {
  let seed = from;
  let found: Delivery | undefined;
  await playOnThread((delivery) => {
    if (delivery !== undefined && delivery.outcome.violations.length > 0) found = delivery;
    return found !== undefined || seed > to ? undefined : { seed: seed++, keepsTrace: false, shrinks: true };
  }, mutation.name);
  return { mutation, played: seed - from, delivery: found };
}

/** What the smallest plan that finds it breaks. */
export function firstViolation({ delivery }: Find): string {
  return (delivery?.smallestOutcome ?? delivery?.outcome)?.violations[0] ?? '';
}

/** How many things must happen for it to be found: the lines of the smallest story below its first, which sets the scene. */
export function storyLength({ delivery }: Find): number {
  return delivery?.smallest === undefined ? 0 : storyOf(delivery.smallest).length - 1;
}

/** In one line. */
export function describeFind(find: Find): string {
  const { mutation, played, delivery } = find;
  if (delivery === undefined) return `✗ ${mutation.name}: not found in ${played} seeds`;
  const things = `${storyLength(find)} things have to happen for it`;
  return `✓ ${mutation.name}: seed ${delivery.outcome.seed}: ${firstViolation(find)}; ${things}`;
}
