import { DELAYED } from './operations.ts';
import type { Plan } from './plan.ts';
import { QUIET, REPORTS } from './reports.ts';

/** Plans that are written and not drawn: each failed once, or fails when what it stands for is taken out. */
export const STORIES: Readonly<Record<string, Plan>> = {
  'two replicas whose clocks are minutes apart agree on a record': {
    ...QUIET,
    replicas: 2,
    interruptions: [{ node: 0, way: 'capacity-reservation', atMs: 400 }],
    ends: { goesAfterMs: 18_000 },
    holds: [{ node: 0, by: 'a webhook (403)', graceSeconds: 5, turnsMs: [], deletionsUntilMs: 0 }],
    acts: [{ kind: 'uncordon', node: 0, atMs: 8000 }],
    clocks: { 'processor-1': { aheadMs: -40_000, rate: 1 }, 'processor-2': { aheadMs: 229_000, rate: 0.998 } },
  },
  'a pod that comes to a drained node while a person has it uncordoned is evicted': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'spot', atMs: 100 }],
    acts: [
      { kind: 'uncordon', node: 0, atMs: 8000 },
      { kind: 'newcomer', node: 0, graceSeconds: 2, isLate: false, atMs: 8000 },
    ],
  },
  'a planned event that is taken back while its node is drained gives the node back (§ 8)': {
    ...QUIET,
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [], deletionsUntilMs: 0 }],
    acts: [{ kind: 'maintenance', node: 0, forMs: 5000, comesAgain: false, atMs: 100 }],
  },
  'a hook is completed before it waits no longer, where its node is empty too late for the delay': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'lifecycle', atMs: 100 }],
    ends: { goesAfterMs: 33_000, hookSeconds: 33 },
    holds: [{ node: 0, by: 'two budgets', graceSeconds: 2, turnsMs: [], deletionsUntilMs: 0 }],
    settings: DELAYED,
  },
  // Breaks when labels are read on nodes alone that have no record.
  'a node that the Go handler has left marked, when it was rolled back to for a while, is given back': {
    ...QUIET,
    agents: [0],
    acts: [
      { kind: 'maintenance', node: 0, forMs: 3000, comesAgain: false, atMs: 100 },
      { kind: 'rollback', node: 0, atMs: 20_000 },
      { kind: 'crash', program: 'agent-going-1', calls: 1, forMs: 1000, atMs: 21_000 },
    ],
  },
  ...REPORTS,
};
