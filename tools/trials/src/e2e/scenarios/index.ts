import type { Scenario } from '../run.ts';
import { attackScenarios } from './attacks.ts';
import { budgetScenarios } from './budgets.ts';
import { chartScenarios } from './charts.ts';
import { conditionScenarios } from './conditions.ts';
import { connectionScenarios } from './connections.ts';
import { groupScenarios } from './groups.ts';
import { hurriedScenarios } from './hurried.ts';
import { impostorScenarios } from './impostors.ts';
import { judgeScenarios } from './judges.ts';
import { kubernetesEventScenarios } from './kubernetes-events.ts';
import { lifecycleScenarios } from './lifecycle.ts';
import { metadataScenarios } from './metadata.ts';
import { markScenarios, nodeScenarios } from './nodes.ts';
import { ownNodeScenarios } from './own-node.ts';
import { podScenarios } from './pods.ts';
import { queueScenarios } from './queue.ts';
import { recordScenarios } from './record.ts';
import { refusalScenarios } from './refusals.ts';
import { resilienceScenarios } from './resilience.ts';
import { takeoverScenarios } from './takeover.ts';
import { tellingScenarios } from './telling.ts';
import { upgradeScenarios } from './upgrade.ts';

/** Every scenario, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...metadataScenarios,
  ...queueScenarios,
  ...connectionScenarios,
  ...lifecycleScenarios,
  ...groupScenarios,
  ...nodeScenarios,
  ...markScenarios,
  ...conditionScenarios,
  ...podScenarios,
  ...budgetScenarios,
  ...refusalScenarios,
  ...hurriedScenarios,
  ...recordScenarios,
  ...tellingScenarios,
  ...kubernetesEventScenarios,
  ...chartScenarios,
  ...judgeScenarios,
  ...resilienceScenarios,
  ...takeoverScenarios,
  ...ownNodeScenarios,
  ...upgradeScenarios,
  ...attackScenarios,
  ...impostorScenarios,
];
