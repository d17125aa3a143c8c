import type { Plan } from './plan.ts';

/** How often a smaller plan is tried at the most. */
const MOST_TRIES = 120;

/** Plans that differ by what was left out, those with the least left first. */
function smaller(plan: Plan): readonly Plan[] {
  const { acts, holds, interruptions, agents, replicas, clocks, lateMs = 0, settings } = plan;
  const without = <Item>(items: readonly Item[], index: number): readonly Item[] =>
    items.filter((_, at) => at !== index);
  const half = Math.ceil(acts.length / 2);
  return [
    ...(acts.length > 1
      ? [
          { ...plan, acts: acts.slice(0, half) },
          { ...plan, acts: acts.slice(half) },
        ]
      : []),
    ...acts.map((_, index) => ({ ...plan, acts: without(acts, index) })),
    ...holds.map((_, index) => ({ ...plan, holds: without(holds, index) })),
    ...(interruptions.length > 1
      ? interruptions.map((_, index) => ({ ...plan, interruptions: without(interruptions, index) }))
      : []),
    ...(Object.keys(clocks).length > 0 ? [{ ...plan, clocks: {} }] : []),
    ...(lateMs > 0 ? [{ ...plan, lateMs: 0 }] : []),
    ...(Object.keys(settings).length > 0 ? [{ ...plan, settings: {} }] : []),
    // Nobody but an agent hears of what the metadata tells.
    ...agents.flatMap((agent, index) =>
      interruptions.some(({ node, way }) => node === agent && way === 'metadata') ||
      acts.some((act) => (act.kind === 'reboot' || act.kind === 'warmed') && act.node === agent)
        ? []
        : [{ ...plan, agents: without(agents, index) }],
    ),
    ...(replicas > 1 ? [{ ...plan, replicas: replicas - 1 }] : []),
  ];
}

/**
 * The smallest plan that fails alike: leaves out whatever the failure does not need, by halves and then one by one, until nothing can be
 * left out.
 */
export async function shrink(plan: Plan, fails: (smaller: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan;
  let tries = 0;
  for (;;) {
    let next: Plan | undefined;
    for (const candidate of smaller(smallest)) {
      tries += 1;
      if (tries > MOST_TRIES) return smallest;
      if (!(await fails(candidate))) continue;
      next = candidate;
      break;
    }
    if (next === undefined) return smallest;
    smallest = next;
  }
}
