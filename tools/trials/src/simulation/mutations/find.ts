import { playOnThread } from '../on-thread.ts';
import { differences, readRecording, recordedPlan } from '../recording/recording.ts';
import type { Recording } from '../recording/recording.ts';
import { storyOf } from '../story.ts';
import type { Delivery, Order } from '../worker.ts';
import type { MUTATIONS } from './mutations.ts';

/** What became of a mutation. */
export interface Find {
  readonly mutation: (typeof MUTATIONS)[number];
  /** How many seeds were played. */
  readonly played: number;
  /** Of the first that found it. */
  readonly delivery: Delivery | undefined;
}

/** Plays seeds with a mutation, one after the other, until an invariant breaks, or, where it breaks none, what is recorded is no longer so. */
export async function findMutation(
  mutation: Find['mutation'],
  [from, to]: readonly [from: number, to: number],
): Promise<Find> {
  const recording = 'foundBy' in mutation ? await readRecording() : undefined;
  const order = (seed: number): Order =>
    recording === undefined
      ? { seed, keepsTrace: false, shrinks: true }
      : { seed, plan: recordedPlan(seed), keepsTrace: false, observes: true, shrinks: false };
  let seed = from;
  let found: Delivery | undefined;
  await playOnThread((delivery) => {
    if (delivery !== undefined) found = withDifferences(delivery, recording);
    return (found?.outcome.violations.length ?? 0) > 0 || seed > to ? undefined : order(seed++);
  }, mutation.name);
  return { mutation, played: seed - from, delivery: found?.outcome.violations.length === 0 ? undefined : found };
}

/** What came of a play, and what it did otherwise than recorded. */
function withDifferences(delivery: Delivery, recording: Recording | undefined): Delivery {
  const { outcome } = delivery;
  if (recording === undefined) return delivery;
  const { seed, violations, observations = {} } = outcome;
  const changed = differences(recording, { plan: recordedPlan(seed), observations });
  return { ...delivery, outcome: { ...outcome, violations: [...violations, ...changed] } };
}

/** What the smallest plan that finds it breaks, in a line. */
export function firstViolation({ delivery }: Find): string {
  const [first = ''] = (delivery?.smallestOutcome ?? delivery?.outcome)?.violations ?? [];
  return first.split('\n')[0] ?? '';
}

/** How many things must happen for it to be found: the lines of the smallest story below its first, which sets the scene. */
export function storyLength({ mutation, delivery }: Find): number {
  if (delivery === undefined) return 0;
  const plan = 'foundBy' in mutation ? recordedPlan(delivery.outcome.seed) : delivery.smallest;
  return plan === undefined ? 0 : storyOf(plan).length - 1;
}

/** In one line. */
export function describeFind(find: Find): string {
  const { mutation, played, delivery } = find;
  if (delivery === undefined) return `✗ ${mutation.name}: not found in ${played} seeds`;
  const things = `${storyLength(find)} things have to happen for it`;
  return `✓ ${mutation.name}: seed ${delivery.outcome.seed}: ${firstViolation(find)}; ${things}`;
}
