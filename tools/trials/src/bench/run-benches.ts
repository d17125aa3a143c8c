import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleApp } from '@node-termination-handler/checks';
import { systemClock } from '@node-termination-handler/clock';
import { oneOf } from '../command-line.ts';
import { root } from '../program.ts';
import { fillIn, markdownTable } from '../report.ts';
import { buildFloor, bundles } from './arena.ts';
import type { Bench, BenchContext, BenchResult, Figure } from './bench.ts';
import { idle, noticeToCordon, pollInterval, startUp } from './benches/agent-benches.ts';
import { burst, concurrency, largeCluster, replicas, thousand } from './benches/burst-benches.ts';
import { foreignMessages } from './benches/foreign-messages.ts';
import { growth } from './benches/growth.ts';
import { committable, figureLines, ratioLines, whatGotWorse } from './figures.ts';
import type { CommittedFigures } from './figures.ts';
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
  idle,
  noticeToCordon,
  pollInterval,
  burst,
  foreignMessages,
  largeCluster,
  concurrency,
  replicas,
  growth,
  thousand,
];

const results = path.join(root, 'results/bench');
const images = path.join(root, 'docs/images');
const page = path.join(root, 'docs/performance.md');
const committedFile = path.join(root, 'docs/performance.json');

/**
 * Builds the programs, runs the benches, prints what they found and writes it to `results/bench`.
 *
 * @param say takes a line for people.
 * @returns the exit code: 1 when a figure is worse than the committed one by more than its repetitions lie apart.
 */
export async function runBenches(options: BenchOptions, say: (line: string) => void): Promise<number> {
  const wanted = chooseBenches(options.only);
  for (const app of ['imds-agent', 'queue-processor']) {
    await bundleApp(path.join(root, 'apps', app), path.join(bundles, app));
  }
  await buildFloor();
  const pictures = options.save ? images : results;
  await mkdir(pictures, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const real = options.quick ? undefined : stack.use(await startRealCluster(say));
  const context: BenchContext = {
    openCluster: () => real?.open() ?? openSimulatedCluster(),
    openSimulatedCluster,
    draw: (name, svg) => writeFile(path.join(pictures, `${name}.svg`), svg),
    report: (line) => say(`  ${line}`),
  };
  const figures: Figure[] = [];
  const tables = new Map<string, string>();
  for (const bench of wanted) {
    const fromMs = systemClock.monotonic();
    say(`${bench.name}: ${bench.title}`);
    const result = await bench.run(context);
    figures.push(...result.figures);
    for (const [title, lines] of Object.entries(result.tables ?? {})) {
      tables.set(title, markdownTable(lines));
      say(`\n${title}\n\n${markdownTable(lines)}\n`);
    }
    await keep(bench, result, options);
    say(`  took ${((systemClock.monotonic() - fromMs) / 1000).toFixed(0)} s`);
  }
  say(`\n${markdownTable(figureLines(figures))}\n`);
  const committed = JSON.parse(await readFile(committedFile, 'utf8')) as CommittedFigures;
  if (options.save) {
    // The page has one table of all figures, which a part of them would put an end to.
    if (options.only.length === 0) tables.set('figures', markdownTable(ratioLines(figures)));
    await writeFile(page, fillIn(await readFile(page, 'utf8'), tables));
    await writeFile(committedFile, `${JSON.stringify({ ...committed, ...committable(figures) }, undefined, 2)}\n`);
  }
  const worse = whatGotWorse(figures, committed);
  say(worse.length === 0 ? 'Nothing got worse than the committed figures.' : ['Got worse:', ...worse].join('\n  '));
  return worse.length === 0 || options.save ? 0 : 1;
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
}
