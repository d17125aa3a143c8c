import path from 'node:path';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { finish, untilAtWork } from '../course.ts';
import type { World } from '../world.ts';
import { firstTwo } from './scene.ts';
import type { Scene } from './scene.ts';

const group = 'process';
const clockJump = path.join(import.meta.dirname, 'clock-jump.mjs');

/** The wall clock of a program jumps while a drain is under way. */
function clockScene(jumpMs: number, said: string): Scene {
  return {
    group,
    name: `its clock jumps ${said} (both programs)`,
    options: { going: 2, slowMs: 1500 },
    play: async (world) => {
      const [first, second] = firstTwo(world);
      const options = { nodeArgs: ['--import', clockJump], env: { CLOCK_JUMP_MS: String(jumpMs) } };
      const agent = world.start('imds-agent', { ...options, node: first });
      const processor = world.start('queue-processor', options);
      await untilAtWork(world);
      await world.interrupt(first, 'metadata');
      await waitUntil(() => world.record.cordonedAt(first) !== undefined, 10_000);
      for (const program of [agent, processor]) program.signal('SIGUSR2');
      await world.interrupt(second, 'lifecycle');
      // A clock that went ahead takes the deadline for passed: that drain ends, and is tried again by the new time.
      const allowance = { repeats: jumpMs > 0 };
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10, allowance });
    },
  };
}

/** A burst on all nodes of a world. */
async function burst(world: World): Promise<void> {
  await Promise.all(world.going.map((node) => world.interrupt(node, 'lifecycle')));
}

/** What happens to the processes themselves. */
export const processScenes: readonly Scene[] = [
  clockScene(3_600_000, 'an hour ahead'),
  clockScene(-3_600_000, 'an hour back'),
  {
    group,
    name: 'is killed in the middle and started again (both programs)',
    options: { going: 2, slowMs: 2500 },
    play: async (world) => {
      const [first, second] = firstTwo(world);
      const dead = [
        world.start('imds-agent', { node: first, podName: 'agent' }),
        world.start('queue-processor', { podName: 'processor' }),
      ];
      await untilAtWork(world);
      await world.interrupt(first, 'metadata');
      await world.interrupt(second, 'lifecycle');
      await waitUntil(() => world.going.every((node) => world.record.cordonedAt(node) !== undefined), 10_000);
      await sleep(systemClock, 300);
      await Promise.all(dead.map((program) => program.kill()));
      const endedAt = systemClock.monotonic();
      const running = [
        world.start('imds-agent', { node: first, podName: 'agent' }),
        world.start('queue-processor', { podName: 'processor' }),
      ];
      return await finish(world, { endedAt, boundSeconds: 12, running, allowance: { repeats: true } });
    },
  },
  {
    group,
    name: 'is told twice to end (SIGTERM), and another takes over (queue-processor)',
    options: { going: 1, slowMs: 6000 },
    play: async (world) => {
      const [node] = firstTwo(world);
      const program = world.start('queue-processor', { podName: 'first' });
      await untilAtWork(world);
      await world.interrupt(node, 'lifecycle');
      await waitUntil(() => world.record.pods.some(({ goneAt }) => goneAt !== undefined), 10_000);
      program.signal('SIGTERM');
      await sleep(systemClock, 300);
      program.signal('SIGTERM');
      await program.exit;
      const endedAt = systemClock.monotonic();
      const running = [world.start('queue-processor', { podName: 'second' })];
      // The second must wait until the claim of the first, who could not give it back, has expired.
      return await finish(world, { endedAt, boundSeconds: 30, running, allowance: { repeats: true } });
    },
  },
  {
    group,
    name: 'has a heap of 64 MiB and a burst of 40 nodes (queue-processor)',
    options: { going: 40, imds: false },
    play: async (world) => {
      world.start('queue-processor', { nodeArgs: ['--max-old-space-size=64'] });
      await untilAtWork(world);
      await burst(world);
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 20 });
    },
  },
  {
    group,
    name: 'may write no file (both programs)',
    options: { going: 2 },
    play: async (world) => {
      const [first, second] = firstTwo(world);
      const nodeArgs = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning'];
      world.start('imds-agent', { node: first, nodeArgs });
      world.start('queue-processor', { nodeArgs });
      await untilAtWork(world);
      await world.interrupt(first, 'metadata');
      await world.interrupt(second, 'lifecycle');
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  },
  {
    group,
    name: 'stands still for 3 s (both programs)',
    options: { going: 2, slowMs: 1000 },
    play: async (world) => {
      const [first, second] = firstTwo(world);
      const running = [world.start('imds-agent', { node: first }), world.start('queue-processor')];
      await untilAtWork(world);
      await world.interrupt(first, 'metadata');
      await world.interrupt(second, 'lifecycle');
      await waitUntil(() => world.going.some((node) => world.record.emptyAt(node) !== undefined), 2000);
      for (const program of running) program.signal('SIGSTOP');
      await sleep(systemClock, 3000);
      for (const program of running) program.signal('SIGCONT');
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10, allowance: { repeats: true } });
    },
  },
];
