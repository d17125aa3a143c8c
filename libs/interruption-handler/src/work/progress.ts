import { EventEmitter, on } from 'node:events';
import type { DrainProgress, FoundNode } from '@node-termination-handler/node-drainer';
import type { NodeInterruption } from '../kinds.ts';
import type { Decision } from '../policy/decide.ts';
import type { DrainFailureCause } from './drain-failure.ts';
import type { PodCounts, PodWithOutcome } from './pod-outcomes.ts';

/** What is known of a node when something is told about it. */
export type ProgressNode = Pick<FoundNode, 'name' | 'uid' | 'providerId' | 'labels'>;

/** Fields of every step. */
export interface ProgressBase {
  readonly at: Date;
  readonly event: NodeInterruption;
  /** Absent until the node is found. */
  readonly node?: ProgressNode;
}

/** Fields of what people hear once of a node, however many events ask for it. */
export interface OfNode {
  /** Whether it is news; otherwise it was told with another event of the node, now or before. */
  readonly isFirst: boolean;
  /** The other events that it holds for. */
  readonly others: readonly NodeInterruption[];
}

/** One step on a node's way out of service; everything that is told to people comes from these. */
export type InterruptionProgress = ProgressBase &
  /** `isFirst` is false where another process has told it, as the record on the node says. */
  (
    | { readonly type: 'received'; readonly decision: Decision; readonly isFirst?: false }
    | { readonly type: 'ignored'; readonly reason: string }
    | { readonly type: 'waiting'; readonly until: Date }
    | { readonly type: 'node-not-found' }
    /** The after-work is done: hook completed, message deleted. `podsLeft`: though the node is not empty, as the settings say. */
    | { readonly type: 'completed'; readonly action: string; readonly podsLeft?: boolean }
    | { readonly type: 'completion-failed'; readonly reason: string }
    /** `lastsMs`: for how long it has failed, where that was told before. */
    | {
        readonly type: 'retrying';
        readonly step: 'find' | 'mark';
        readonly reason: string;
        readonly lastsMs?: number;
      }
    /** What could not be written to the node can be again. */
    | { readonly type: 'written-again'; readonly lastsMs: number }
    | { readonly type: 'held-elsewhere'; readonly holder: string }
    | ({
        readonly type: 'cordoned';
        readonly changed: boolean;
        readonly wasCordoned: boolean;
        /** Nothing more is done to the node: the event asked for a cordon only. */
        readonly final: boolean;
      } & OfNode)
    | ({
        readonly type: 'cordon-failed';
        readonly reason: string;
        /** The event asked for a cordon only. */
        readonly final: boolean;
      } & OfNode)
    /** `deadline`: when the instance goes; absent when nobody has said. `isAgain`: one before was told, and did not suffice. */
    | { readonly type: 'drain-began'; readonly deadline?: Date; readonly isAgain: boolean }
    | { readonly type: 'attached'; readonly deadline?: Date; readonly tightened: boolean }
    /** `isAgain`: the same was told of this node's drains before, and lasts. */
    | { readonly type: 'draining'; readonly progress: DrainProgress; readonly isAgain: boolean }
    /** What became of a pod; each is told once. */
    | ({ readonly type: 'pod-outcome' } & PodWithOutcome)
    | ({
        readonly type: 'drained';
        readonly counts: PodCounts;
        readonly pods: readonly string[];
        /** Before the instance goes; absent when nobody has said when. */
        readonly secondsLeft?: number;
        readonly durationMs: number;
      } & OfNode)
    | ({
        readonly type: 'drain-failed';
        readonly reason: string;
        readonly cause: DrainFailureCause;
        readonly counts: PodCounts;
        readonly pods: readonly string[];
        readonly podsLeft: readonly string[];
        readonly durationMs: number;
        /** For how long drains of the node have failed, where that was told before, and is told again because it lasts. */
        readonly lastsMs?: number;
      } & OfNode)
    /** The node is gone, and with it pods that nobody had told to end, or whose grace was not over. */
    | ({ readonly type: 'pods-lost'; readonly podsLost: readonly string[]; readonly counts: PodCounts } & OfNode)
    /** The drain takes longer than the policy's grace. It goes on, and no budget is broken for that. */
    | ({
        readonly type: 'overdue';
        readonly graceSeconds: number;
        /** Pods that are still there, and what keeps them, in words. */
        readonly podsLeft: readonly string[];
        readonly heldBy: readonly string[];
        readonly deadline?: Date;
        /** Whether budgets are kept to the end, too: nobody is hurried before it. */
        readonly keepsBudgets: boolean;
      } & OfNode)
    /** `isLast`: no other interruption of the node is left. */
    | ({ readonly type: 'cancelled'; readonly reason: string; readonly isLast: boolean } & OfNode)
    /** Somebody has made the node schedulable that goes away in spite of it; a second time its cordon is left to them. */
    | { readonly type: 'made-schedulable'; readonly isMarkedAgain: boolean }
    /** What stood on the node in place of a record, or among its entries, was none of this program's and is gone. */
    | { readonly type: 'record-mended'; readonly problems: readonly string[] }
    | { readonly type: 'uncordoned'; readonly reason: string }
    | { readonly type: 'uncordon-failed'; readonly reason: string }
  );

type WithoutBase<T> = T extends unknown ? Omit<T, 'at'> : never;

/** A step before it is given its time. */
export type ProgressStep = WithoutBase<InterruptionProgress>;

/** Hands every step to whoever listens, in order, without ever holding up the work. */
export class ProgressFeed {
  readonly #emitter = new EventEmitter<{ step: [InterruptionProgress] }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  tell(step: ProgressStep): void {
    this.#emitter.emit('step', { ...step, at: this.#now() });
  }

  /** Listens from the moment of the call on, not from the first read: nothing told in between is lost. */
  listen(signal: AbortSignal): AsyncIterable<InterruptionProgress> {
    return read(on(this.#emitter, 'step', { signal }), signal);
  }
}

async function* read(steps: AsyncIterable<unknown[]>, signal: AbortSignal): AsyncGenerator<InterruptionProgress> {
  try {
    for await (const [step] of steps) yield step as InterruptionProgress;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
