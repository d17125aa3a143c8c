import { checkNode } from './check-node.ts';
import { evictCriticalPods } from './evict-critical-pods.ts';
import { evictOrdinaryPods } from './evict-ordinary-pods.ts';
import { planAllPods } from './plan-pods.ts';
import { reportRefused } from './report-refused.ts';
import type { DrainStep } from './step.ts';

/** What a drain does, in order. A new step is one file and one line here. */
export const DRAIN_STEPS: readonly DrainStep[] = [
  checkNode,
  planAllPods,
  evictOrdinaryPods,
  evictCriticalPods,
  reportRefused,
];
