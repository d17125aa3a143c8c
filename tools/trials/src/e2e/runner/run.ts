import { setTimeout as sleep } from 'node:timers/promises';
import { mustShowNoSecret } from '../harness/planted-secrets.ts';
import { Scene } from '../harness/scene.ts';
import type { World } from '../harness/world.ts';
import { failureReport } from './failure-report.ts';
import type { ScenarioResult } from './result.ts';
import { SkipScenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** How scenarios are run. */
export interface RunOptions {
  /** How many at once. Default 4. */
  readonly concurrency?: number;
  readonly onResult?: (result: ScenarioResult) => void;
  readonly signal?: AbortSignal;
}

const usualTimeoutMs = 120_000;

/** Runs the scenarios that get along side by side, then the others one after the other; results in the order of the scenarios. */
export async function runScenarios(
  world: World,
  scenarios: readonly Scenario[],
  options: RunOptions = {},
): Promise<readonly ScenarioResult[]> {
  const results = new Map<Scenario, ScenarioResult>();
  const work = async (queue: Scenario[]) => {
    for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
      if (options.signal?.aborted === true) return;
      const result = await runScenario(world, scenario);
      results.set(scenario, result);
      options.onResult?.(result);
    }
  };
  const together = scenarios
    .filter(({ alone }) => alone !== true)
    .sort((one, other) => Number(other.long ?? false) - Number(one.long ?? false));
  await Promise.all(Array.from({ length: options.concurrency ?? 4 }, async () => work(together)));
  await work(scenarios.filter(({ alone }) => alone === true));
  return scenarios.flatMap((scenario) => results.get(scenario) ?? []);
}

async function runScenario(world: World, scenario: Scenario): Promise<ScenarioResult> {
  const { name, proves } = scenario;
  const startedAt = performance.now();
  const result = (outcome: ScenarioResult['outcome'], rest: Partial<ScenarioResult> = {}): ScenarioResult => ({
    name,
    proves,
    outcome,
    durationMs: performance.now() - startedAt,
    ...rest,
  });
  let scene: Scene | undefined;
  try {
    scene = await Scene.open(world);
    await inTime(scenario.run(scene), scenario.timeoutMs ?? usualTimeoutMs);
    await mustShowNoSecret(scene);
    return result('passed');
  } catch (error) {
    if (error instanceof SkipScenario) return result('skipped', { message: error.message });
    const message = describeError(error);
    return result('failed', { message, details: scene === undefined ? '' : await failureReport(scene) });
  } finally {
    await scene?.[Symbol.asyncDispose]().catch(() => undefined);
  }
}

async function inTime(run: Promise<void>, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not done after ${timeoutMs / 1000} s`);
  });
  try {
    await Promise.race([run, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
    // It may still fail after its time, when nobody listens any more.
    run.catch(() => undefined);
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const where = error.stack?.split('\n').find((line) => line.includes('/scenarios/') || line.includes('/judges/'));
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${error.message}${cause}${where === undefined ? '' : `\n    ${where.trim()}`}`;
}
