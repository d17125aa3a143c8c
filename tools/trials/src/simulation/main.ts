import { availableParallelism } from 'node:os';
import path from 'node:path';
import pMap from 'p-map';
import { systemClock } from '@node-termination-handler/clock';
import { runCommand } from '../command-line.ts';
import { root } from '../program.ts';
import { writeJunit } from '../report.ts';
import type { CaseResult } from '../case.ts';
import { parseCommandLine, usage } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { describeFind, findMutation } from './mutations/find.ts';
import type { Find } from './mutations/find.ts';
import { MUTATIONS } from './mutations/mutations.ts';
import { writePage } from './mutations/page.ts';
import { playOnThread } from './on-thread.ts';
import { storyOf } from './story.ts';
import type { Delivery } from './worker.ts';

// node -C @node-termination-handler/source tools/trials/src/simulation/main.ts

/** After how many seeds it is said how far the run is. */
const SAID_EVERY = 500;

/** The last lines of a failure's trace that are shown. */
const LAST_LINES = 40;

function failure({ outcome, smallest, smallestOutcome }: Delivery): readonly string[] {
  const { violations } = smallestOutcome ?? outcome;
  const story = smallest === undefined ? [] : storyOf(smallest);
  const trace = (smallestOutcome ?? outcome).trace.slice(-LAST_LINES).map((line) => line.slice(0, 400));
  return [
    ...violations.map((what) => `  ✗ ${what}`),
    ...story.map((line) => `    ${line}`),
    ...trace.map((line) => `      ${line}`),
  ];
}

type Say = (line: string) => void;

/** Plays seeds with the programs as they are: nothing may break. */
async function playSeeds({ seeds, until, whole, workers }: CommandLine, say: Say): Promise<boolean> {
  const [from, to] = seeds;
  const keepsTrace = until !== undefined;
  const shrinks = !whole && !keepsTrace;
  const waiting = Array.from({ length: to - from + 1 }, (_, index) => ({ seed: from + index, keepsTrace, shrinks }));
  const count = waiting.length;
  const fromMs = systemClock.monotonic();
  const results: CaseResult[] = [];
  let hash = 0n;
  const onDelivery = (delivery: Delivery): void => {
    const { outcome } = delivery;
    const isWell = outcome.violations.length === 0;
    // A sum, because plays end in any order.
    hash = (hash + BigInt(`0x${outcome.hash}`)) % 2n ** 64n;
    for (const line of outcome.trace) if (Number.parseFloat(line) <= (until ?? 0)) say(line);
    if (from === to || !isWell) {
      say(
        `${isWell ? '✓' : '✗'} seed ${outcome.seed}: ${outcome.hash}, ${outcome.steps} steps in ${Math.round(outcome.lastedMs)} ms`,
      );
    }
    if (!isWell) for (const line of failure(delivery)) say(line);
    if ((results.length + 1) % SAID_EVERY === 0) say(`${results.length + 1} of ${count} seeds are played`);
    results.push({
      group: 'simulation',
      name: `seed ${outcome.seed}`,
      outcome: isWell ? 'passed' : 'failed',
      violations: outcome.violations,
      durationMs: 0,
    });
  };
  const one = (): Promise<void> =>
    playOnThread((delivery) => {
      if (delivery !== undefined) onDelivery(delivery);
      return waiting.shift();
    });
  await Promise.all(Array.from({ length: Math.min(workers ?? availableParallelism(), count) }, one));
  await writeJunit(path.join(root, 'results/simulation.xml'), 'simulation', results);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const seconds = (systemClock.monotonic() - fromMs) / 1000;
  const rate = (results.length / seconds).toFixed(1);
  say(
    `${results.length} seeds in ${seconds.toFixed(0)} s (${rate} a second), ${failed.length} failed; all together ${hash.toString(16)}`,
  );
  return failed.length === 0;
}

/** Plays seeds with the programs broken in one place, for each mutation anew until one finds it: every one must be found. */
async function playMutations({ mutations, seeds, workers, writes }: CommandLine, say: Say): Promise<boolean> {
  const chosen = MUTATIONS.filter(({ name }) => mutations === 'all' || name === mutations);
  const finds = await pMap(
    chosen,
    async (mutation): Promise<Find> => {
      const found = await findMutation(mutation, seeds);
      say(describeFind(found));
      if (chosen.length === 1 && found.delivery !== undefined) for (const line of failure(found.delivery)) say(line);
      return found;
    },
    { concurrency: workers ?? availableParallelism() },
  );
  if (writes) await writePage(finds);
  const survivors = finds.filter(({ delivery }) => delivery === undefined);
  say(`${finds.length} mutations, ${survivors.length} of them not found`);
  return survivors.length === 0;
}

await runCommand(async (say) => {
  const asked = parseCommandLine(process.argv.slice(2));
  if (asked.help) {
    say(usage);
    return 0;
  }
  const play = asked.mutations === undefined ? playSeeds : playMutations;
  return (await play(asked, say)) ? 0 : 1;
});
