import { systemClock } from '@node-termination-handler/clock';
import { runCase } from '../../case.ts';
import type { CaseResult } from '../../case.ts';
import { finish } from '../world/finish.ts';
import { untilAtWork } from '../world/ready.ts';
import { startWorld } from '../world/world.ts';

/** Three replicas and a burst: one drain for each node, one completion for each hook, one notification for each phase. */
export function playThreeReplicas(): Promise<CaseResult> {
  return runCase(
    { group: 'replicas', name: 'three queue-processors, 12 terminations: each is done once' },
    async () => {
      await using world = await startWorld({ going: 12, slowMs: 1000, imds: false });
      for (const podName of ['one', 'two', 'three']) world.start('queue-processor', { podName });
      await untilAtWork(world);
      await Promise.all(world.going.map((node) => world.interrupt(node, 'lifecycle')));
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  );
}

/** Agent and queue-processor learn of the same interruption: the node is drained once. */
export function playBothPrograms(): Promise<CaseResult> {
  return runCase(
    { group: 'replicas', name: 'agent and two queue-processors for one node: it is drained once' },
    async () => {
      await using world = await startWorld({ slowMs: 1500 });
      const [node = ''] = world.going;
      world.start('imds-agent', { node });
      world.start('queue-processor', { podName: 'one' });
      world.start('queue-processor', { podName: 'two' });
      await untilAtWork(world);
      await Promise.all([world.interrupt(node, 'metadata'), world.interrupt(node, 'lifecycle')]);
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  );
}
