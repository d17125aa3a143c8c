import { messageOf } from '../connection/errors.ts';
import type { DrainRun } from './run.ts';

/** A right that drains can do without, in the words of RBAC. */
export type OptionalRight = 'patch pods/status' | 'get leases';

/** What follows where it is missing. */
const WITHOUT: Readonly<Record<OptionalRight, string>> = {
  'patch pods/status': 'a Job may count a pod as failed that is deleted past what refused its eviction',
  'get leases': 'pods on a node whose kubelet is silent are waited for to the end',
};

/** The server says that a right is missing that the drain can do without: that is noted, and told if it is news. */
export function noteMissingRight(run: DrainRun, right: OptionalRight, error: unknown): void {
  const { clock, memory } = run.settings;
  if (!memory.noteMissing(right, clock.monotonic())) return;
  run.emit({ type: 'right-missing', right, error, message: `${WITHOUT[right]}: ${messageOf(error)}` });
}
