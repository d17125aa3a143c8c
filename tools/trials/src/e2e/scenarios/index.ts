import type { Scenario } from '../run.ts';
import { chartScenarios } from './charts.ts';
import { judgeScenarios } from './judges.ts';
import { lifecycleScenarios } from './lifecycle.ts';
import { metadataScenarios } from './metadata.ts';
import { markScenarios, nodeScenarios } from './nodes.ts';
import { podScenarios } from './pods.ts';
import { queueScenarios } from './queue.ts';
import { resilienceScenarios } from './resilience.ts';
import { tellingScenarios } from './telling.ts';

/** Every scenario, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...metadataScenarios,
  ...queueScenarios,
  ...lifecycleScenarios,
  ...nodeScenarios,
  ...markScenarios,
  ...podScenarios,
  ...tellingScenarios,
  ...chartScenarios,
  ...judgeScenarios,
  ...resilienceScenarios,
];
