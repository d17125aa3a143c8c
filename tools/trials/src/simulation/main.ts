import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '@node-termination-handler/clock';
import { runCommand } from '../command-line.ts';
import { root } from '../program.ts';
import { writeJunit } from '../report.ts';
import type { CaseResult } from '../case.ts';
import { parseCommandLine, usage } from './command-line.ts';
import { storyOf } from './story.ts';
import type { Delivery, Order } from './worker.ts';

// node -C @node-termination-handler/source tools/trials/src/simulation/main.ts

/** After how many seeds it is said how far the run is. */
const SAID_EVERY = 500;

/** The last lines of a failure's trace that are shown. */
const LAST_LINES = 40;

/** Plays orders on several threads, each of them one after the other. */
async function playAll(
  orders: readonly Order[],
  workers: number,
  onDelivery: (delivery: Delivery, order: Order) => void,
): Promise<void> {
  const waiting = [...orders];
  const one = async (): Promise<void> => {
    const worker = new Worker(path.join(import.meta.dirname, 'worker.ts'));
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let current: Order | undefined;
    worker.on('error', reject);
    worker.on('message', (delivery: Delivery | 'ready') => {
      if (delivery !== 'ready' && current !== undefined) onDelivery(delivery, current);
      current = waiting.shift();
      if (current === undefined) resolve(undefined);
      else worker.postMessage(current);
    });
    try {
      await promise;
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, one));
}

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

await runCommand(async (say) => {
  const { help, seeds, until, whole, workers = availableParallelism() } = parseCommandLine(process.argv.slice(2));
  if (help) {
    say(usage);
    return 0;
  }
  const [from, to] = seeds;
  const keepsTrace = until !== undefined;
  const shrinks = !whole && !keepsTrace;
  const orders = Array.from({ length: to - from + 1 }, (_, index) => ({ seed: from + index, keepsTrace, shrinks }));
  const fromMs = systemClock.monotonic();
  const results: CaseResult[] = [];
  let hash = 0n;
  await playAll(orders, workers, (delivery, { seed }) => {
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
    if ((results.length + 1) % SAID_EVERY === 0) say(`${results.length + 1} of ${orders.length} seeds are played`);
    results.push({
      group: 'simulation',
      name: `seed ${seed}`,
      outcome: isWell ? 'passed' : 'failed',
      violations: outcome.violations,
      durationMs: 0,
    });
  });
  await writeJunit(path.join(root, 'results/simulation.xml'), 'simulation', results);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const seconds = (systemClock.monotonic() - fromMs) / 1000;
  const rate = (results.length / seconds).toFixed(1);
  say(
    `${results.length} seeds in ${seconds.toFixed(0)} s (${rate} a second), ${failed.length} failed; all together ${hash.toString(16)}`,
  );
  return failed.length === 0 ? 0 : 1;
});
