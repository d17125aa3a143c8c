import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleApp } from '@node-termination-handler/checks';
import { oneOf } from '../command-line.ts';
import { root } from '../program.ts';
import { markdownTable } from '../report.ts';
import { bundles } from './arena.ts';
import type { Bench, BenchContext, BenchResult, Figure } from './bench.ts';
import { idle, noticeToCordon, pollInterval, startUp } from './benches/agent-benches.ts';
import { burst, flowControl, scaling } from './benches/burst-benches.ts';
import { dependencies } from './benches/dependencies.ts';
import { foreignMessages, hangingPods, largeCluster } from './benches/processor-benches.ts';
import { figureLines, whatMoved } from './figures.ts';
import type { LastFigures } from './figures.ts';
import { latencyPicture, scalingPicture } from './pictures.ts';
import { startRealCluster } from './real-cluster.ts';
import { openSimulatedCluster } from './simulated-cluster.ts';

/** What the bench is asked to do. */
export interface BenchOptions {
  /** Simulated API server in place of the real one. */
  readonly quick: boolean;
  /** The names of the benches to run; empty for all. */
  readonly only: readonly string[];
  /** Commit this run's figures as the ones that later runs are compared with. */
  readonly save: boolean;
}

/** Reads the command line. @throws TypeError for an option that there is not. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      save: { type: 'boolean', default: false },
    },
  });
  return { ...values, only: values.only.flatMap((names) => names.split(',')) };
}

/** Everything that is measured, in the order in which it runs. */
const benches: readonly Bench[] = [
  startUp,
  dependencies,
  idle,
  noticeToCordon,
  pollInterval,
  hangingPods,
  burst,
  foreignMessages,
  largeCluster,
  flowControl,
  scaling,
];

const results = path.join(root, 'results/bench');
const images = path.join(root, 'docs/images');
const lastFile = path.join(root, 'docs/performance.json');

/**
 * Builds both programs, runs the benches, prints what they found and writes it to `results/bench`.
 *
 * @param say takes a line for people.
 */
export async function runBenches(options: BenchOptions, say: (line: string) => void): Promise<void> {
  const wanted = chooseBenches(options.only);
  for (const app of ['imds-agent', 'queue-processor']) {
    await bundleApp(path.join(root, 'apps', app), path.join(bundles, app));
  }
  await mkdir(results, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const real = options.quick ? undefined : stack.use(await startRealCluster(say));
  const figures: Figure[] = [];
  for (const bench of wanted) {
    const context: BenchContext = {
      openCluster: () => real?.open() ?? openSimulatedCluster(),
      openSimulatedCluster,
      report: (line) => say(`  ${line}`),
    };
    say(`${bench.name}: ${bench.title}`);
    const result = await bench.run(context);
    figures.push(...result.figures);
    for (const [title, lines] of Object.entries(result.tables ?? {})) say(`\n${title}\n\n${markdownTable(lines)}\n`);
    await keep(bench, result, options);
  }
  say(`\n${markdownTable(figureLines(figures))}\n`);
  const last = await readLast();
  const moved = whatMoved(figures, last);
  say(moved.length === 0 ? 'Nothing moved by a quarter or more since the last figures.' : moved.join('\n'));
  if (options.save) {
    const now = Object.fromEntries(figures.map(({ id, ours }) => [id, Number(ours.toPrecision(3))]));
    await writeFile(lastFile, `${JSON.stringify({ ...last, ...now }, undefined, 2)}\n`);
  }
}

/** The benches of these names; all for none. @throws TypeError for a name that there is not. */
export function chooseBenches(names: readonly string[]): readonly Bench[] {
  const all = benches.map(({ name }) => name);
  for (const name of names) oneOf('--only', 'bench', name, all);
  return benches.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function keep(bench: Bench, result: BenchResult, options: BenchOptions): Promise<void> {
  const file = path.join(results, `${bench.name}.json`);
  const against = options.quick ? 'simulated API server' : 'real API server';
  await writeFile(file, `${JSON.stringify({ against, at: new Date().toISOString(), ...result }, undefined, 2)}\n`);
  if (result.samples === undefined) return;
  // The committed pictures belong to the committed figures.
  const folder = options.save ? images : results;
  await mkdir(folder, { recursive: true });
  if (bench.name === 'notice') await writeFile(path.join(folder, 'latency.svg'), latencyPicture(result.samples));
  if (bench.name === 'thousand') await writeFile(path.join(folder, 'scaling.svg'), scalingPicture(result.samples));
}

async function readLast(): Promise<LastFigures> {
  try {
    return JSON.parse(await readFile(lastFile, 'utf8')) as LastFigures;
  } catch {
    return {};
  }
}
