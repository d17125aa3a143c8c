import type { DrainFinished, Hold } from '@node-termination-handler/node-drainer';

/** Why a drain has failed: what held the pods that are left, or what kept the drain from its work. */
export type DrainFailureCause =
  /** A disruption budget. */
  | 'budget'
  /** An admission webhook or policy. */
  | 'admission'
  | 'missing-right'
  /** The API server answered, and did not do it. */
  | 'server-fault'
  /** They were still in their grace. */
  | 'grace'
  /** They stay by rule, such as those with data that must not be lost. */
  | 'kept-by-rule'
  /** The pods could not be listed. */
  | 'unreachable'
  | 'node-gone'
  /** Another node has taken the name. */
  | 'node-replaced'
  /** A fault of the program's own. */
  | 'other';

const HELD_BY: Readonly<Record<Hold['kind'], DrainFailureCause>> = {
  budget: 'budget',
  webhook: 'admission',
  policy: 'admission',
  role: 'missing-right',
  fault: 'server-fault',
  rule: 'kept-by-rule',
};

/** Of several that hold pods the first counts, in the order in which a person can do something about them. */
const MOST_TELLING: readonly DrainFailureCause[] = [
  'missing-right',
  'admission',
  'budget',
  'server-fault',
  'kept-by-rule',
];

/** Why a drain has failed, from how it ended; `undefined` where it did not say. */
export function causeOfFailure(end: Pick<DrainFinished, 'reason' | 'left'> | undefined): DrainFailureCause {
  switch (end?.reason) {
    case undefined:
      return 'other';
    case 'deadline': {
      const causes = end.left.flatMap(({ heldBy }) => (heldBy === undefined ? [] : HELD_BY[heldBy.kind]));
      return MOST_TELLING.find((cause) => causes.includes(cause)) ?? 'grace';
    }
    case 'not-allowed':
      return 'kept-by-rule';
    case 'node-gone':
    case 'node-replaced':
    case 'unreachable':
      return end.reason;
  }
}
