import type { NodeIndex } from '../find/node-index.ts';
import type { Clock } from '../time/clock.ts';
import type { Deadline } from '../time/deadline.ts';
import type { EvictionQueue } from './eviction/eviction-queue.ts';

/** Options of {@link drainNode}. */
export interface DrainOptions {
  /** When the node must be empty. A {@link Deadline} can be tightened while the drain runs. Default: in 120 s. */
  deadline?: Date | Deadline;
  /** Grace of every pod in seconds; −1 is each pod's own. Default −1. */
  podGracePeriodSeconds?: number;
  /** Skips the pods of DaemonSets; when false, such a pod makes the drain fail. Default true. */
  ignoreDaemonSets?: boolean;
  /** Evicts pods with emptyDir volumes, whose data is lost; when false, such a pod makes the drain fail. Default true. */
  deleteEmptyDirData?: boolean;
  /** Pods that are never evicted: the program's own. Default none. */
  skipPods?: readonly { namespace: string; name: string }[];
  /** Lists the pods from the API server's cache (`resourceVersion=0`): cheaper, and possibly a moment old. Default false. */
  useApiServerCache?: boolean;
  /**
   * What happens when a pod would not end in time. `respect`: budgets hold to the end, and the drain fails at the
   * deadline. `deadline`: from the moment after which the pod's own grace no longer fits, it is deleted with the grace
   * that remains – for when the machine goes away whether or not the pods have ended. Default `respect`.
   */
  onDeadline?: 'respect' | 'deadline';
  /** Kept free before the deadline, in seconds, for the kubelet to report a pod gone. Default 2. */
  deadlineMarginSeconds?: number;
  /** Shared by all drains of a process, so that the whole stays within its concurrency. Default: one of its own. */
  evictions?: EvictionQueue;
  /** The node as it was marked: another node of the same name is never touched. Default: not checked. */
  nodeUid?: string;
  /** Where `nodeUid` is looked up without a request. Default: one GET of the node. */
  nodes?: NodeIndex;
  /** Tells the plan, sends nothing. Default false. */
  dryRun?: boolean;
  /** Cancels the drain; evictions that the server has accepted go on. */
  signal?: AbortSignal;
  /** Default: the machine's. */
  clock?: Clock;
}
