import { Deadline, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import * as v from 'valibot';
import type { NodeIndex } from '../find/node-index.ts';
import { parseOptions } from '../invalid-options-error.ts';
import type { BudgetWatch } from './eviction/budget-watch.ts';
import { createEvictionQueue } from './eviction/queue.ts';
import type { EvictionQueue } from './eviction/queue.ts';
import { createDrainMemory } from './memory.ts';
import type { DrainMemory } from './memory.ts';
import type { GoesLast } from './order.ts';

/** Options of {@link drainNode}. */
export interface DrainOptions {
  /** When the node must be empty. A {@link Deadline} can be moved while the drain runs, and may be none (`Infinity`). Default: in 120 s. */
  deadline?: Date | Deadline | undefined;
  /** Grace of every pod in seconds; −1 is each pod's own, 0 counts as 1. Default −1. */
  podGracePeriodSeconds?: number | undefined;
  /** Skips the pods of DaemonSets; when false, each is evicted once, after all others. Default true. */
  ignoreDaemonSets?: boolean | undefined;
  /**
   * Evicts pods with emptyDir volumes, whose data is lost. When false, such a pod stays, unless it must be hurried; the others go,
   * and the drain fails for it. Default true.
   */
  deleteEmptyDirData?: boolean | undefined;
  /** Pods that are never evicted, such as the own pod of a program that has no successor elsewhere. Default none. */
  skipPods?: readonly { readonly namespace: string; readonly name: string }[] | undefined;
  /** Pods that go when all others are gone, or their own grace has to begin: those that do the draining. Default none. */
  goesLast?: GoesLast | undefined;
  /**
   * When the node was taken out of service: a pod that tolerates the cordon and was created later stays, because its like would come again
   * each time. Default: not known; then that goes for pods that come while the drain runs.
   */
  cordonedAt?: Date | undefined;
  /** Lists the pods from the API server's cache (`resourceVersion=0`): cheaper, and possibly a moment old. Default false. */
  useApiServerCache?: boolean | undefined;
  /**
   * What happens when a pod would not end in time. `respect`: what holds it holds it to the end, and the drain fails at the deadline.
   * `deadline`: when the pod's own grace no longer fits, it is evicted, and when that is refused deleted, with the grace that remains – for
   * when the machine goes away anyway. Default `respect`.
   */
  onDeadline?: 'respect' | 'deadline' | undefined;
  /**
   * Puts the condition `DisruptionTarget` on pods before they are deleted past what refused their eviction, so that a Job does
   * not count them as failed. Needs the right to patch `pods/status`. Default false.
   */
  disruptionCondition?: boolean | undefined;
  /** Kept free before the deadline, in seconds, for the kubelet to report a pod gone. Default 2. */
  deadlineMarginSeconds?: number | undefined;
  /** Shared by all drains of a process, so that the whole stays within its concurrency. Default: one of its own. */
  evictions?: EvictionQueue | undefined;
  /** Where all drains of a process see that a budget opens ({@link createBudgetWatch}). Default: nowhere, and pods that one holds are asked again after their pauses. */
  budgets?: BudgetWatch | undefined;
  /** What all drains of a process remember together ({@link createDrainMemory}). Default: nothing that outlives this one. */
  memory?: DrainMemory | undefined;
  /** The node as it was marked: another node of the same name is never touched. Default: not checked. */
  nodeUid?: string | undefined;
  /** Where `nodeUid` is looked up without a request. Default: a GET of the node. */
  nodes?: Pick<NodeIndex, 'find' | 'synced'> | undefined;
  /** Tells the plan, sends nothing. Default false. */
  dryRun?: boolean | undefined;
  /** Cancels the drain; evictions that the server has accepted go on. */
  signal?: AbortSignal | undefined;
  /** Default: the machine's. */
  clock?: Clock | undefined;
}

/** {@link DrainOptions}, checked, with the defaults in place. */
export type DrainSettings = Readonly<ReturnType<typeof parseDrainOptions>>;

const DEFAULT_DEADLINE_MS = 120_000;

/** Those of the options that the rules go by. */
export const ruleOptions = {
  ignoreDaemonSets: v.optional(v.boolean(), true),
  deleteEmptyDirData: v.optional(v.boolean(), true),
  skipPods: v.optional(v.array(v.object({ namespace: v.string(), name: v.string() })), []),
  cordonedAt: v.optional(v.date('must be a Date')),
};

const schema = v.object({
  ...ruleOptions,
  deadline: v.optional(
    v.union([
      v.instance(Deadline),
      v.pipe(
        v.date('must be a Date or a Deadline'),
        v.transform((at) => new Deadline(at)),
      ),
    ]),
  ),
  podGracePeriodSeconds: v.optional(
    v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(-1, 'must be −1 (the pod’s own) or more')),
    -1,
  ),
  useApiServerCache: v.optional(v.boolean(), false),
  onDeadline: v.optional(v.picklist(['respect', 'deadline'], "must be 'respect' or 'deadline'"), 'respect'),
  deadlineMarginSeconds: v.optional(v.pipe(v.number(), v.minValue(0, 'must be 0 or more'), v.finite()), 2),
  disruptionCondition: v.optional(v.boolean(), false),
  nodeUid: v.optional(v.string()),
  dryRun: v.optional(v.boolean(), false),
});

/** Checks the options of {@link drainNode}. @throws {@link InvalidOptionsError} */
export function parseDrainOptions(options: DrainOptions) {
  const { deadlineMarginSeconds, deadline, nodeUid, ...rest } = parseOptions('drainNode', schema, options);
  const clock = options.clock ?? systemClock;
  return {
    ...rest,
    deadline: deadline ?? Deadline.after(DEFAULT_DEADLINE_MS, clock.now()),
    marginMs: deadlineMarginSeconds * 1000,
    nodeUid,
    goesLast: options.goesLast,
    evictions: options.evictions ?? createEvictionQueue({ clock }),
    budgets: options.budgets,
    memory: options.memory ?? createDrainMemory(),
    nodes: options.nodes,
    signal: options.signal,
    clock,
  };
}
