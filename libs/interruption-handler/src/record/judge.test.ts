import { describe, expect, it } from 'vitest';
import { explore } from './testing/explore.ts';
import type { Verdict } from './testing/explore.ts';
import { MUTATIONS } from './testing/mutations.ts';
import { SCENARIOS } from './testing/scenarios.ts';
import { RULES } from './testing/steps.ts';

/** For a machine that does much else at the same time: alone, all of these together take a few seconds. */
const PATIENCE = { timeout: 240_000 };

function told(name: string, { states, transitions, depth, records, seconds }: Verdict): string {
  return `${name}: ${states} states, ${transitions} transitions, ${depth} steps deep, ${records} records, ${seconds} s`;
}

describe('in every state', PATIENCE, () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'of %s, safety holds and the goal is in reach',
    (name, scenario) => {
      const verdict = explore(scenario, RULES);
      console.log(told(name, verdict));
      expect(verdict.violation).toBeUndefined();
      // An exploration that visits little shows little: the model must not shrink unnoticed.
      expect(verdict.states).toBeGreaterThan(scenario.leastStates);
    },
  );
});

describe('a mistake is found', PATIENCE, () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('%s', (name, mutation) => {
    const scenario = SCENARIOS.find((one) => one.name.includes(mutation.scenario));
    if (scenario === undefined) throw new Error(`no scenario is named like ${mutation.scenario}`);
    const verdict = explore(scenario, { ...RULES, ...mutation.rules });
    console.log(`${told(name, verdict)}\n  ${verdict.violation?.what}:\n  ${verdict.violation?.story.join('\n  ')}`);
    expect(verdict.violation?.what).toMatch(mutation.found);
  });
});
