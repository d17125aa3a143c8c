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
import {
  CHANCES,
  differences,
  makeRecording,
  readRecording,
  RECORDED_SEEDS,
  recordedPlan,
  writeRecording,
} from './recording/recording.ts';
import type { ObservedPlay } from './recording/recording.ts';
import { storyOf } from './story.ts';
import type { Delivery, Order } from './worker.ts';

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

/** How far the seeds of other chances are from one's own. */
const OTHER_CHANCES = 1_000_000;

type Say = (line: string) => void;

/** An order, and what is made of what came of it. */
interface Job {
  readonly order: Order;
  readonly onDelivery: (delivery: Delivery) => void;
}

/** Does jobs, as many at once as there are threads for. */
async function doAll(jobs: readonly Job[], workers: number | undefined): Promise<void> {
  const waiting = [...jobs];
  const one = async (): Promise<void> => {
    let job: Job | undefined;
    await playOnThread((delivery) => {
      if (delivery !== undefined) job?.onDelivery(delivery);
      job = waiting.shift();
      return job?.order;
    });
  };
  await Promise.all(Array.from({ length: Math.min(workers ?? availableParallelism(), jobs.length) }, one));
}

function resultOf(name: string, violations: readonly string[]): CaseResult {
  const outcome = violations.length === 0 ? 'passed' : 'failed';
  return { group: 'simulation', name, outcome, violations, durationMs: 0 };
}

const seedsOf = ([from, to]: CommandLine['seeds']): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The job of playing what is recorded of a seed; with its own chances, or other ones. */
function observing(
  { seed, chance = 0 }: { readonly seed: number; readonly chance?: number },
  onObserved: (observed: ObservedPlay, violations: readonly string[]) => void,
): Job {
  const plan = recordedPlan(seed);
  const played = { ...plan, seed: seed + chance * OTHER_CHANCES };
  return {
    order: { seed, plan: played, keepsTrace: false, observes: true, shrinks: false },
    onDelivery: ({ outcome: { observations = {}, violations } }) => onObserved({ plan, observations }, violations),
  };
}

/** Plays seeds with the programs as they are: nothing may break, and what is recorded must still be so. */
async function playSeeds({ seeds, until, whole, workers }: CommandLine, say: Say): Promise<boolean> {
  const [from, to] = seeds;
  const keepsTrace = until !== undefined;
  const shrinks = !whole && !keepsTrace;
  const recording = await readRecording();
  const fromMs = systemClock.monotonic();
  const results: CaseResult[] = [];
  let hash = 0n;
  const playing = (seed: number): Job => {
    const onDelivery = (delivery: Delivery): void => {
      const { outcome } = delivery;
      const isWell = outcome.violations.length === 0;
      // A sum, because plays end in any order.
      hash = (hash + BigInt(`0x${outcome.hash}`)) % 2n ** 64n;
      for (const line of outcome.trace) if (Number.parseFloat(line) <= (until ?? 0)) say(line);
      if (from === to || !isWell) {
        say(
          `${isWell ? '✓' : '✗'} seed ${seed}: ${outcome.hash}, ${outcome.steps} steps in ${Math.round(outcome.lastedMs)} ms`,
        );
      }
      if (!isWell) for (const line of failure(delivery)) say(line);
      if ((results.length + 1) % SAID_EVERY === 0) say(`${results.length + 1} plays are over`);
      results.push(resultOf(`seed ${seed}`, outcome.violations));
    };
    return { order: { seed, keepsTrace, shrinks }, onDelivery };
  };
  const comparing = (seed: number): Job =>
    observing({ seed }, (observed, violations) => {
      const found = [...violations, ...differences(recording, observed)];
      const name = `what is recorded of seed ${seed}`;
      if (found.length > 0) {
        say(`✗ ${name}`);
        for (const line of [...found.map((what) => `  ✗ ${what}`), ...storyOf(observed.plan)]) say(line);
      }
      results.push(resultOf(name, found));
    });
  const recorded = seedsOf(seeds).filter((seed) => recording.plays[String(seed)] !== undefined);
  await doAll([...seedsOf(seeds).map(playing), ...recorded.map(comparing)], workers);
  await writeJunit(path.join(root, 'results/simulation.xml'), 'simulation', results);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const seconds = (systemClock.monotonic() - fromMs) / 1000;
  const rate = (results.length / seconds).toFixed(1);
  const compared = `${to - from + 1} seeds, ${recorded.length} of them compared with the recording`;
  say(
    `${compared}, in ${seconds.toFixed(0)} s (${rate} plays a second), ${failed.length} failed; all together ${hash.toString(16)}`,
  );
  return failed.length === 0;
}

/** Plays what is to be recorded, and writes it down in place of what was; nothing when something broke. */
async function record({ workers }: CommandLine, say: Say): Promise<boolean> {
  const plays: ObservedPlay[] = [];
  const broken: string[] = [];
  const jobs = seedsOf([1, RECORDED_SEEDS]).flatMap((seed) =>
    Array.from({ length: CHANCES }, (_, chance) =>
      observing({ seed, chance }, (observed, violations) => {
        plays.push(observed);
        broken.push(...violations.map((what) => `✗ seed ${seed}: ${what}`));
      }),
    ),
  );
  await doAll(jobs, workers);
  for (const line of broken) say(line);
  if (broken.length > 0) return false;
  const recording = makeRecording(plays);
  await writeRecording(recording);
  const steady = Object.keys(recording.plays).length;
  say(`${steady} seeds are recorded; in ${RECORDED_SEEDS - steady} others chance decides who comes first`);
  return true;
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
  const play = asked.records ? record : asked.mutations === undefined ? playSeeds : playMutations;
  return (await play(asked, say)) ? 0 : 1;
});
