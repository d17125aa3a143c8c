import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Program } from '../../program.ts';
import { seededRandom } from '@node-termination-handler/sandbox';
import { runCase } from '../../case.ts';
import type { CaseResult } from '../../case.ts';
import { finish } from '../world/finish.ts';
import { untilAnswering } from '../world/probe.ts';
import { untilAtWork } from '../world/ready.ts';
import { startWorld } from '../world/world.ts';

/** How long programs are killed, and how many instances go meanwhile. */
export interface KillingOptions {
  readonly seconds: number;
  readonly terminations: number;
  readonly seed: number;
}

const REPLICAS = ['one', 'two', 'three'] as const;
/** Between two kills, in ms: a replica must be able to start, and to get something done. */
const PAUSE_MS = 1500;
const RANDOM_PAUSE_MS = 2500;

/** Three replicas, one of which is killed every few seconds, while instances are terminated all the time. */
export function playKillingLoop({ seconds, terminations, seed }: KillingOptions): Promise<CaseResult> {
  const name = `three queue-processors under SIGKILL for ${seconds} s, ${terminations} terminations (seed ${seed})`;
  return runCase({ group: 'SIGKILL', name }, async () => {
    await using world = await startWorld({ going: terminations, slowMs: 1000, imds: false });
    const running: Program[] = [];
    for (const podName of REPLICAS) running.push(world.start('queue-processor', { podName }));
    await untilAtWork(world);
    const random = seededRandom(seed);
    const until = systemClock.monotonic() + seconds * 1000;

    const terminate = async (): Promise<void> => {
      for (const node of world.going) {
        await world.interrupt(node, 'lifecycle');
        await sleep(systemClock, (seconds * 1000) / terminations);
      }
    };
    const kill = async (): Promise<void> => {
      while (systemClock.monotonic() < until) {
        await sleep(systemClock, PAUSE_MS + random() * RANDOM_PAUSE_MS);
        const index = Math.floor(random() * REPLICAS.length);
        await running[index]?.kill();
        running[index] = world.start('queue-processor', { podName: REPLICAS[index] ?? '' });
      }
    };
    await Promise.all([terminate(), kill()]);
    await Promise.all(running.map(untilAnswering));
    const finding = await finish(world, {
      endedAt: systemClock.monotonic(),
      boundSeconds: 60,
      // Who is killed between the deed and its record can't know, and tells people again; the service refuses a second completion.
      allowance: { repeats: true, silentWebhook: true },
      running,
    });
    const kills = world.programs.length - REPLICAS.length;
    return {
      ...finding,
      violations: [...finding.violations, ...(kills < seconds / 5 ? [`only ${kills} were killed`] : [])],
    };
  });
}
