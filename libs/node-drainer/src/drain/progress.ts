/** Which pod; a recreated pod of the same name has another `uid`. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What is to happen to a pod, and why. */
export interface PlannedPod {
  readonly pod: PodRef;
  /** `evict` respects budgets; `delete` is for pods that have ended; `wait` for those on their way; `skip` stays. */
  readonly decision: 'evict' | 'delete' | 'wait' | 'skip' | 'refuse';
  /** Which rule decided, in words for people: `managed by a DaemonSet`. */
  readonly reason: string;
  /** The pod's termination grace as it counts for this drain, in seconds. */
  readonly graceSeconds: number;
}

/** A pod that is still there when the drain ends, and why. */
export interface LeftPod {
  readonly pod: PodRef;
  /** How far it had come. */
  readonly state: 'waiting' | 'evicting' | 'blocked' | 'terminating' | 'refused';
  /** The budget that held it, by name, when the server named one. */
  readonly budget?: string;
  /** What the server said last. */
  readonly message?: string;
}

/** Why a drain ended without being done. */
export type DrainFailure =
  /** Pods were left at the deadline. */
  | 'deadline'
  /** Some pods can't be evicted: no permission, or the server refuses the request as such. */
  | 'refused'
  /** A rule forbids the drain as such, for instance DaemonSet pods when `ignoreDaemonSets` is off. */
  | 'not-allowed'
  /** The node is gone. */
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
  /** Pods whose eviction the server accepted. */
  readonly podsEvicted: number;
  /** Pods that were deleted, because they had ended or because the deadline asked for it. */
  readonly podsDeleted: number;
  /** Number of pods still there that should have gone. */
  readonly podsLeft: number;
  readonly left: readonly LeftPod[];
  readonly durationMs: number;
  /** Time to the deadline; negative when it ended after it, `Infinity` when there was none. */
  readonly msToDeadline: number;
  readonly dryRun: boolean;
}

/** What happens in the course of a drain. Every entry carries the time and the node. */
export type DrainReport =
  /** What is on the node and what will be done with each; told once, and again with only the new pods that appear later. */
  | { type: 'planned'; pods: readonly PlannedPod[]; warnings: readonly string[]; deadline: Date | undefined }
  /** A request is on its way. */
  | { type: 'evicting'; pod: PodRef; how: 'evict' | 'delete'; attempt: number; graceSeconds?: number }
  /** The server has accepted the eviction; the pod is terminating. */
  | { type: 'evicted'; pod: PodRef }
  /** The pod was deleted past the Eviction API. `reason`: it had ended, or the deadline leaves no more time. */
  | { type: 'deleted'; pod: PodRef; reason: 'completed' | 'deadline'; graceSeconds?: number }
  /** A PodDisruptionBudget says no; the next try is at `until`. */
  | { type: 'blocked'; pod: PodRef; budget?: string; message: string; until: Date; attempt: number }
  /** The server's flow control asks to slow down; nothing is sent before `until`. */
  | { type: 'throttled'; pod: PodRef; message: string; until: Date }
  /** No answer, or a fault of the server's; the next try is at `until`. */
  | { type: 'retrying'; pod: PodRef; error: unknown; message: string; until: Date; attempt: number }
  /** This pod can't be evicted, and trying again won't help. */
  | { type: 'refused'; pod: PodRef; error: unknown; message: string }
  /** The pod is gone from the API server. */
  | { type: 'gone'; pod: PodRef; podsLeft: number }
  /** These pods may not end before the deadline; said as early as it can be known, once for each pod and deadline. */
  | { type: 'at-risk'; pods: readonly PodRef[]; budget?: string; secondsShort: number; message: string }
  /** The deadline has moved, to an earlier time or a later one; `undefined`: to none. */
  | { type: 'deadline-moved'; deadline: Date | undefined }
  /** The watch or a list failed and is tried again. */
  | { type: 'disconnected'; error: unknown; message: string }
  /** A pod is still there at the end; told before `finished`. */
  | ({ type: 'left' } & LeftPod);

/** One thing that a drain tells. */
export type DrainProgress = (DrainReport & { readonly at: Date; readonly node: string }) | DrainFinished;
