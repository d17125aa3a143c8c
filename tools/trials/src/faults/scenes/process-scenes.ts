import path from 'node:path';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { finish, scene, untilAtWork, untilCordoned, untilFirstPodGone } from '../course.ts';
import type { Case } from '../../case.ts';

const group = 'process';
const clockJump = path.join(import.meta.dirname, '../../clock-jump.mjs');

/** The wall clock of a program jumps while a drain is under way. */
function clockScene(jumpMs: number, said: string): Case {
  return scene(group, `its clock jumps ${said} (both programs)`, { going: 2, slowMs: 1500 }, async (world) => {
    const { first, second } = world;
    const options = { nodeArgs: ['--import', clockJump], env: { CLOCK_JUMP_MS: String(jumpMs) } };
    const agent = world.start('imds-agent', { ...options, node: first });
    const processor = world.start('queue-processor', options);
    await untilAtWork(world);
    await world.interrupt(first, 'metadata');
    await untilCordoned(world, first);
    for (const program of [agent, processor]) program.signal('SIGUSR2');
    await world.interrupt(second, 'lifecycle');
    // A clock that went ahead takes the deadline for passed: that drain ends, and is tried again by the new time.
    const allowance = { repeats: jumpMs > 0 };
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10, allowance });
  });
}

/** What happens to their clocks. */
export const clockScenes: readonly Case[] = [
  clockScene(3_600_000, 'an hour ahead'),
  clockScene(-3_600_000, 'an hour back'),
];

/** What happens to the processes themselves. */
export const processScenes: readonly Case[] = [
  scene(
    group,
    'is killed in the middle and started again (both programs)',
    { going: 2, slowMs: 2500 },
    async (world) => {
      const { first, second } = world;
      const dead = [
        world.start('imds-agent', { node: first, podName: 'agent' }),
        world.start('queue-processor', { podName: 'processor' }),
      ];
      await untilAtWork(world);
      await world.interrupt(first, 'metadata');
      await world.interrupt(second, 'lifecycle');
      await untilCordoned(world, ...world.going);
      await sleep(systemClock, 300);
      await Promise.all(dead.map((program) => program.kill()));
      const endedAt = systemClock.monotonic();
      const running = [
        world.start('imds-agent', { node: first, podName: 'agent' }),
        world.start('queue-processor', { podName: 'processor' }),
      ];
      return await finish(world, { endedAt, boundSeconds: 12, running, allowance: { repeats: true } });
    },
  ),
  scene(
    group,
    'is told twice to end (SIGTERM), and another takes over (queue-processor)',
    { going: 1, slowMs: 6000 },
    async (world) => {
      const { first: node } = world;
      const program = world.start('queue-processor', { podName: 'first' });
      await untilAtWork(world);
      await world.interrupt(node, 'lifecycle');
      await untilFirstPodGone(world);
      program.signal('SIGTERM');
      await sleep(systemClock, 300);
      program.signal('SIGTERM');
      await program.exit;
      const endedAt = systemClock.monotonic();
      const running = [world.start('queue-processor', { podName: 'second' })];
      // The second must wait until the claim of the first, who could not give it back, has expired.
      return await finish(world, { endedAt, boundSeconds: 30, running, allowance: { repeats: true } });
    },
  ),
  scene(
    group,
    'has a heap of 64 MiB and a burst of 40 nodes (queue-processor)',
    { going: 40, imds: false },
    async (world) => {
      world.start('queue-processor', { nodeArgs: ['--max-old-space-size=64'] });
      await untilAtWork(world);
      await Promise.all(world.going.map((node) => world.interrupt(node, 'lifecycle')));
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 20 });
    },
  ),
  scene(group, 'may write no file (both programs)', { going: 2 }, async (world) => {
    const { first, second } = world;
    const nodeArgs = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning'];
    world.start('imds-agent', { node: first, nodeArgs });
    world.start('queue-processor', { nodeArgs });
    await untilAtWork(world);
    await world.interrupt(first, 'metadata');
    await world.interrupt(second, 'lifecycle');
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
  }),
  scene(group, 'stands still for 3 s (both programs)', { going: 2, slowMs: 1000 }, async (world) => {
    const { first, second } = world;
    const running = [world.start('imds-agent', { node: first }), world.start('queue-processor')];
    await untilAtWork(world);
    await world.interrupt(first, 'metadata');
    await world.interrupt(second, 'lifecycle');
    await waitUntil(() => world.going.some((node) => world.record.emptyAt(node) !== undefined), 2000);
    for (const program of running) program.signal('SIGSTOP');
    await sleep(systemClock, 3000);
    for (const program of running) program.signal('SIGCONT');
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10, allowance: { repeats: true } });
  }),
];
