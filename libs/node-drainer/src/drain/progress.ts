import type { Hold } from './hold.ts';
import type { OptionalRight } from './optional-rights.ts';
import type { PodGroup } from './order.ts';

/** Which pod; a recreated pod of the same name has another `uid`. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What is to happen to a pod, and why. */
export interface PlannedPod {
  readonly pod: PodRef;
  /**
   * `evict` respects budgets; `delete` is for pods that have ended; `wait` for those on their way; `skip` is left alone; `keep`
   * stays as well, but counts as left: the node is not drained with it.
   */
  readonly decision: 'evict' | 'delete' | 'wait' | 'skip' | 'keep';
  /** Which rule decided, in words for people: `managed by a DaemonSet`. */
  readonly reason: string;
  /** When its turn comes: when those before are gone, or it must start to go before a deadline. */
  readonly group: PodGroup;
  /** The pod's termination grace as it counts for this drain, in seconds. */
  readonly graceSeconds: number;
}

/**
 * How a pod was brought to its end, by this drain or by one before. Each pod counts once, for the last that the server accepted; one that was deleted past a refusal
 * counts as that, whatever was done to it besides.
 */
export type PodEnding =
  /** Evicted with all of its grace. */
  | 'evicted'
  /** Evicted with the grace that remained before the deadline, or its end was made to come sooner. */
  | 'hurried'
  /** Deleted with the grace that remained, past a PodDisruptionBudget. */
  | 'deleted-past-budget'
  /** The same, past an admission webhook or policy. */
  | 'deleted-past-admission'
  /** The same, past a right that is missing, or an API server that did not serve evictions. */
  | 'deleted-past-fault'
  /** Deleted because it had ended. */
  | 'finished'
  /** Deleted because its namespace goes. */
  | 'with-namespace';

/** The counts of a drain that has brought no pod to its end. */
export const NONE_ENDED: Readonly<Record<PodEnding, number>> = {
  evicted: 0,
  hurried: 0,
  'deleted-past-budget': 0,
  'deleted-past-admission': 0,
  'deleted-past-fault': 0,
  finished: 0,
  'with-namespace': 0,
};

/** A pod that is still there when the drain ends, and why. */
export interface LeftPod {
  readonly pod: PodRef;
  /** What was accepted for it, if anything. */
  readonly ending?: PodEnding;
  /** Whether it is on its way, and its grace is not over. */
  readonly isInGrace?: boolean;
  /** How far it had come. `kept`: it stays by rule; `out-of-reach`: it is terminating, and its kubelet is silent. */
  readonly state: 'waiting' | 'evicting' | 'blocked' | 'terminating' | 'refused' | 'kept' | 'out-of-reach';
  /** What held it last. */
  readonly heldBy?: Hold;
  /** What the server said last. */
  readonly message?: string;
}

/** Why a drain ended without being done. */
export type DrainFailure =
  /** Pods were left at the deadline. */
  | 'deadline'
  /** All pods are gone but those that stay by rule, such as those with data that must not be lost. */
  | 'not-allowed'
  /** The node is gone, or there never was one of that name. */
  | 'node-gone'
  /** Another node has taken the name. */
  | 'node-replaced'
  /** The pods could not be listed. */
  | 'unreachable';

/** How a drain ended; always the last thing it tells. */
export interface DrainFinished {
  readonly type: 'finished';
  readonly at: Date;
  readonly node: string;
  readonly outcome: 'drained' | 'failed' | 'cancelled';
  /** Set when `outcome` is `failed`. */
  readonly reason?: DrainFailure;
  /** One sentence for people. */
  readonly message: string;
  /** What broke, when something did. */
  readonly error?: unknown;
  /** How many pods were brought to their ends, and how. */
  readonly ended: Readonly<Record<PodEnding, number>>;
  /** Number of pods still there that should have gone. */
  readonly podsLeft: number;
  readonly left: readonly LeftPod[];
  /**
   * How many of those left nobody can end: their grace is long over, and the kubelet, which alone could end them, is silent. A
   * node with no others is `drained`.
   */
  readonly podsOutOfReach: number;
  readonly durationMs: number;
  /** Time to the deadline; negative when it ended after it, `Infinity` when there was none. */
  readonly msToDeadline: number;
  readonly dryRun: boolean;
}

/** When a pod that something holds is asked again. */
export interface NextTry {
  readonly until: Date;
  /** Requests made for it. */
  readonly attempt: number;
  /** Whether something else, or nothing, held it before; of a right that is missing, whether this drain has not said so. */
  readonly isNew: boolean;
}

/** What happens in the course of a drain. Every entry carries the time and the node. */
export type DrainReport =
  /** What is on the node and what will be done with each; told once, and again with only the new pods that appear later. */
  | { type: 'planned'; pods: readonly PlannedPod[]; warnings: readonly string[]; deadline: Date | undefined }
  /** A request is on its way. */
  | { type: 'evicting'; pod: PodRef; how: 'evict' | 'delete'; attempt: number; graceSeconds?: number }
  /** The server has accepted the eviction. `hurried`: with the grace that remains before the deadline. */
  | { type: 'evicted'; pod: PodRef; hurried: boolean; graceSeconds: number }
  /**
   * The pod was deleted past the Eviction API: it had ended; its namespace goes; its seconds are short, and `heldBy` has
   * refused its eviction (`deadline`); or it was on its way, with more grace than there is (`shortened`).
   */
  | {
      type: 'deleted';
      pod: PodRef;
      reason: 'completed' | 'namespace-terminating' | 'deadline' | 'shortened';
      graceSeconds?: number;
      heldBy?: Hold;
      message?: string;
      ending?: PodEnding;
    }
  /** A budget, an admission webhook or an admission policy says no to this pod; `advice` is for people; the next try is at `until`. */
  | ({
      type: 'blocked';
      pod: PodRef;
      heldBy: Hold & { readonly kind: 'budget' | 'webhook' | 'policy' };
      message: string;
      advice: string;
    } & NextTry)
  /** The server's flow control asks to slow down; evictions go out one by one meanwhile, this one again at `until`. */
  | { type: 'throttled'; pod: PodRef; message: string; until: Date }
  /** No answer, or a fault of the server's; the next try is at `until`. */
  | ({ type: 'retrying'; pod: PodRef; error: unknown; message: string } & NextTry)
  /** The role lacks a rule, which `message` names; the next try is at `until`. */
  | ({ type: 'refused'; pod: PodRef; error: unknown; message: string } & NextTry)
  /** The condition `DisruptionTarget` could not be put on a pod, or taken back; what it was for goes on. */
  | { type: 'condition-failed'; pod: PodRef; error: unknown; message: string }
  /**
   * A right is missing that the drain can do without; `message` names the rule and what follows. Told once for all drains that
   * share a `memory`, and again only when the right has been there meanwhile.
   */
  | { type: 'right-missing'; right: OptionalRight; error: unknown; message: string }
  /** The pod is gone from the API server; without `ending` no drain has brought that about. */
  | { type: 'gone'; pod: PodRef; ending?: PodEnding; podsLeft: number }
  /** These pods may not end before the deadline; said as early as it can be known, once for each pod and deadline. */
  | { type: 'at-risk'; pods: readonly PodRef[]; heldBy?: Hold; secondsShort: number; message: string }
  /** The deadline has moved, to an earlier time or a later one; `undefined`: to none. */
  | { type: 'deadline-moved'; deadline: Date | undefined }
  /** These pods are past their grace, and the kubelet, which alone could end them, is silent; at each look that finds it so. */
  | { type: 'kubelet-silent'; pods: readonly PodRef[] }
  /** The watch or a list failed and is tried again. */
  | { type: 'disconnected'; error: unknown; message: string }
  /** A pod is still there at the end; told before `finished`. */
  | ({ type: 'left' } & LeftPod);

/** One thing that a drain tells. */
export type DrainProgress = (DrainReport & { readonly at: Date; readonly node: string }) | DrainFinished;
