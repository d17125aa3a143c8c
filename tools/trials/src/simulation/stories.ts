import type { Plan } from './plan.ts';

/** A play in which nothing happens yet. */
const QUIET: Plan = {
  ...{ seed: 1, nodes: 1, agents: [], replicas: 1, interruptions: [], ends: {}, holds: [], acts: [], clocks: {} },
};

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
      { kind: 'newcomer', node: 0, graceSeconds: 2, atMs: 8000 },
    ],
  },
};
