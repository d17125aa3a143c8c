import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { playOnThread } from './on-thread.ts';
import { makePlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { shrink } from './shrink.ts';
import { STORIES } from './stories.ts';
import { storyOf } from './story.ts';
import type { Delivery } from './worker.ts';

const playSeeds = (...seeds: readonly number[]): Promise<readonly Delivery[]> => playAll(seeds.map(makePlan));

/** Plays plans on a thread of their own: it is taken over for good. */
async function playAll(plans: readonly Plan[]): Promise<readonly Delivery[]> {
  const waiting = [...plans];
  const delivered: Delivery[] = [];
  await playOnThread((delivery) => {
    if (delivery !== undefined) delivered.push(delivery);
    const plan = waiting.shift();
    return plan && { seed: plan.seed, plan, keepsTrace: true, shrinks: false };
  });
  return delivered;
}

/** Plans by the seed whose play broke, and by what. */
function foundPlans(): Readonly<Record<string, Plan>> {
  const text = readFileSync(path.join(import.meta.dirname, '../../recorded/found.json'), 'utf8');
  const found = JSON.parse(text) as Readonly<
    Record<string, { readonly broke: readonly string[]; readonly plan: Plan }>
  >;
  return Object.fromEntries(
    Object.entries(found).map(([seed, { broke, plan }]) => [`seed ${seed}: ${broke.join('; ')}`, plan]),
  );
}

describe('a play', () => {
  let alone: readonly Delivery[] = [];
  let afterAnother: readonly Delivery[] = [];
  beforeAll(async () => {
    [alone, afterAnother] = await Promise.all([playSeeds(6), playSeeds(11, 6)]);
  }, 300_000);

  it('is the same, line by line, on another thread and after other plays', () => {
    const [first] = alone;
    expect(first?.outcome.violations).toEqual([]);
    expect(afterAnother[1]?.outcome.trace).toEqual(first?.outcome.trace);
    expect(afterAnother[1]?.outcome.hash).toBe(first?.outcome.hash);
  });

  it('has the programs do their work', () => {
    const trace = alone[0]?.outcome.trace.join('\n') ?? '';
    expect(trace).toMatch(/processor-\d → kubernetes: PATCH \/api\/v1\/nodes\/going-1: 200/);
    expect(trace).toMatch(/pods\/web-going-1-1\/eviction: 201/);
    expect(trace).toMatch(/processor-\d ended: 0/);
  });
});

describe.each([
  ['a story', STORIES],
  ['what seeds have found, in the smallest plan that showed it', foundPlans()],
])('%s', (_what, plans) => {
  let told: readonly Delivery[] = [];
  beforeAll(async () => {
    told = await playAll(Object.values(plans));
  }, 300_000);

  it.each(Object.keys(plans).map((name, index) => [name, index] as const))('%s', (_name, index) => {
    expect(told[index]?.outcome.violations).toEqual([]);
  });
});

describe('a plan', () => {
  it('is made by its seed alone', () => {
    expect(makePlan(5)).toEqual(makePlan(5));
    expect(makePlan(5)).not.toEqual(makePlan(6));
  });

  it('is told in the order of its moments', () => {
    const moments = storyOf(makePlan(3))
      .slice(1)
      .map((line) => Number.parseFloat(line));
    expect(moments.length).toBeGreaterThan(0);
    expect(moments).toEqual(moments.toSorted((one, other) => one - other));
  });
});

describe('a plan that fails', () => {
  it('is made as small as it can be', async () => {
    const plan = { ...makePlan(1), acts: [1, 2, 3, 4, 5, 6].map((atMs) => crash(atMs)) };
    const small = await shrink(plan, ({ acts }) =>
      Promise.resolve([2, 5].every((ms) => acts.some(({ atMs }) => atMs === ms))),
    );
    expect(small.acts.map(({ atMs }) => atMs)).toEqual([2, 5]);
    expect(small).toMatchObject({ holds: [], agents: [], replicas: 1 });
    expect(small.interruptions).toHaveLength(1);
  });

  it('keeps the agent that alone hears of an interruption', async () => {
    const plan = { ...makePlan(1), nodes: 2, agents: [0, 1], acts: [], interruptions: [heard(0), heard(1)] };
    const small = await shrink(plan, ({ interruptions }) =>
      Promise.resolve(interruptions.some(({ node }) => node === 1)),
    );
    expect(small).toMatchObject({ agents: [1], interruptions: [heard(1)] });
  });
});

function heard(node: number) {
  return { node, way: 'metadata', atMs: 1 } as const;
}

function crash(atMs: number) {
  return { kind: 'crash', program: 'processor-1', calls: 1, forMs: 1, atMs } as const;
}
