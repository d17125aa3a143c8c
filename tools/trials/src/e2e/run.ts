import { inspect } from 'node:util';
import { systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { describeError, playAll, runCase, SkipCase } from '../case.ts';
import type { Case, CaseResult, Finding, PlayOptions } from '../case.ts';
import { violations } from '../invariants.ts';
import type { CommandLine } from './command-line.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';

/** A story that a user would tell, and what it proves. */
export interface Scenario {
  /** `spot notice drains the node`; unique. */
  readonly name: string;
  /** One line: what a failure would mean. */
  readonly proves: string;
  /** Runs alone, because it disturbs the others. Default false. */
  readonly alone?: boolean;
  /** Takes so long that it begins before the others. Default false. */
  readonly long?: boolean;
  /** Takes too long for every change: left out unless asked for. Default false. */
  readonly onlyInLongRuns?: boolean;
  /** Longer than the usual 120,000 ms. */
  readonly timeoutMs?: number;
  readonly run: (scene: Scene) => Promise<void>;
}

const USUAL_TIMEOUT_MS = 120_000;

/** Those whose name contains one of the words; without words all, the longest only where they are asked for. */
export function chooseScenarios<Named extends Pick<Scenario, 'name' | 'onlyInLongRuns'>>(
  scenarios: readonly Named[],
  { filters, long }: Pick<CommandLine, 'filters' | 'long'>,
): readonly Named[] {
  if (filters.length > 0) return scenarios.filter(({ name }) => filters.some((word) => name.includes(word)));
  return scenarios.filter(({ onlyInLongRuns = false }) => long || !onlyInLongRuns);
}

/** Runs the scenarios that get along side by side, then the others one after the other; results in the order of the scenarios. */
export async function runScenarios(
  world: World,
  scenarios: readonly Scenario[],
  options: PlayOptions,
): Promise<readonly CaseResult[]> {
  const cases = (some: readonly Scenario[]) => some.map((one) => caseOf(world, one));
  const together = scenarios
    .filter(({ alone = false }) => !alone)
    .sort((one, other) => Number(other.long ?? false) - Number(one.long ?? false));
  const alone = scenarios.filter((one) => one.alone === true);
  const results = [
    ...(await playAll(cases(together), options)),
    ...(await playAll(cases(alone), { ...options, concurrency: 1 })),
  ];
  return scenarios.flatMap(({ name }) => results.find((result) => result.name === name) ?? []);
}

function caseOf(world: World, { name, proves, timeoutMs = USUAL_TIMEOUT_MS, run }: Scenario): Case {
  const about = { group: 'e2e', name, proves };
  const course = async (): Promise<Finding> => {
    const scene = await Scene.open(world);
    try {
      await withTimeLimit({ clock: systemClock, limitMs: timeoutMs }, run(scene));
      const found = violations(await scene.evidence(), {}, ['secret shown', 'unknown call']);
      return { violations: found, ...(found.length > 0 && { details: await failureReport(scene) }) };
    } catch (error) {
      if (error instanceof SkipCase) throw error;
      return { violations: [describeError(error)], details: await failureReport(scene) };
    } finally {
      await scene[Symbol.asyncDispose]().catch(() => undefined);
    }
  };
  return { ...about, play: () => runCase(about, course) };
}

const LINES = 25;

/** What a person wants to see first: the last lines of each program, the state of each node and its pods. */
async function failureReport(scene: Scene): Promise<string> {
  const parts: string[] = [];
  for (const program of scene.programs) {
    parts.push(`── ${program.name} (${program.ended ?? 'running'}), last lines:`, ...program.lastLines(LINES));
  }
  for (const node of scene.nodes) {
    const now = await scene.nodeNow(node).catch(String);
    if (typeof now === 'string') {
      parts.push(`── node ${node.name}: ${now}`);
      continue;
    }
    const { metadata, spec } = now;
    const { labels, annotations } = metadata;
    parts.push(`── node ${node.name} (${node.instanceId}):`, show({ ...spec, labels, annotations }));
    const pods = await scene.podsOn(node, { all: true }).catch(() => []);
    for (const pod of pods) {
      const ending = pod.metadata.deletionTimestamp === undefined ? '' : ', ending';
      parts.push(`   pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} ${pod.status?.phase ?? ''}${ending}`);
    }
  }
  return parts.join('\n');
}

function show(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: 140, compact: 3 });
}
