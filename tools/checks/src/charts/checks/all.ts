import type { Check } from './check.ts';
import { conforms } from './conform.ts';
import { generatedAreFresh } from './generated.ts';
import { lint, refusals, snapshots } from './helm.ts';
import { alertsAreRules, alertsFire, alertsHaveRunbooks, dashboardsParse, metricsExist } from './observability.ts';
import { programAccepts } from './program-accepts.ts';
import { workflowsAreSound } from './workflows.ts';

/** Every check, the quick ones first. */
export const allChecks: readonly Check[] = [
  generatedAreFresh,
  metricsExist,
  alertsHaveRunbooks,
  lint,
  snapshots,
  refusals,
  programAccepts,
  conforms,
  alertsAreRules,
  alertsFire,
  dashboardsParse,
  workflowsAreSound,
];
