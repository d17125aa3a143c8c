import fc from 'fast-check';
import { inject, TestRunner } from 'vitest';
import type { RunnerTestCase, RunnerTestSuite } from 'vitest';
import type {} from './try-mutants.ts';

/** What the changed files read and write. @see https://github.com/stryker-mutator/stryker-js/blob/master/packages/api/src/core/instrument.ts */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number;
  /** How often each mutant was passed by: by tests, and while files were loaded. */
  mutantCoverage?: { readonly static: Passes; readonly perTest: Readonly<Record<string, Passes>> };
}

type Passes = Readonly<Record<string, number>>;

/** A mutant that is passed by so much more often than the code was without it goes round in a circle. */
const ROUNDS = 100;
const ENDLESS = 1_000_000;

// Properties draw the same values each time, or a mutant would survive now and then; and how small a counterexample can be, nobody asks here.
fc.configureGlobal({ seed: 1, endOnFailure: true });

const mutantSwitch: Switch = ((globalThis as { __stryker__?: Switch }).__stryker__ ??= {});
const { active, ...given } = inject('mutants');
const living = new Set(given.living);
if (active !== undefined) activate(active, ENDLESS);

/**
 * Runs each test as it is, and then once more for each living mutant that it passes by, until one run of it fails.
 *
 * @public Vitest loads it by its path.
 */
export default class MutantRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const runOnce = TestRunner.getTestFn(test);
    mutantSwitch.currentTestId = test.id;
    await runOnce();
    if (active !== undefined) return;
    // One that can't be run twice would notice everything.
    await runOnce();
    const passes = Object.entries(mutantSwitch.mutantCoverage?.perTest[test.id] ?? {});
    for (const [id, times] of passes.filter(([mutant]) => living.has(mutant))) {
      activate(id, times * ROUNDS);
      try {
        await runOnce();
      } catch {
        living.delete(id);
      } finally {
        mutantSwitch.activeMutant = undefined;
      }
    }
    mutantSwitch.currentTestId = undefined;
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    const atLoad = Object.keys(mutantSwitch.mutantCoverage?.static ?? {});
    if ('filepath' in suite) suite.meta.mutants = { living: [...living], atLoad };
    await super.onAfterRunSuite(suite);
  }
}

function activate(id: string, hitLimit: number): void {
  Object.assign(mutantSwitch, { activeMutant: id, hitCount: 0, hitLimit });
}
