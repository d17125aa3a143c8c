import { systemClock } from '@node-termination-handler/clock';
import { finish } from '../world/finish.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../../wait.ts';
import { VISIBILITY_SECONDS } from '../world/world.ts';
import { firstTwo } from './scene.ts';
import type { Scene } from './scene.ts';

const group = 'SQS';

/** What a queue does to messages, though it works as promised. */
export const queueScenes: readonly Scene[] = [
  {
    group,
    name: 'delivers twice, late and out of order (queue-processor)',
    options: { going: 2, slowMs: 1500 },
    play: async (world) => {
      const { aws } = world.sandbox;
      const [first, second] = firstTwo(world);
      world.start('queue-processor');
      await untilAtWork(world);
      const sent = await world.interrupt(first, 'lifecycle');
      const action = aws.autoScaling.actions().find(({ token }) => token === sent.token);
      if (action === undefined || sent.messageId === undefined) throw new Error('no lifecycle action was started');
      // EventBridge tells of the same action twice, SQS delivers the first message again while it is in work.
      const { messageId } = sent;
      await aws.resendLifecycleAction(action);
      await waitUntil(() => aws.sqs.message(messageId)?.receives.length === 1, 5000);
      await aws.sqs.deliverAgain(messageId);
      // The spot notice of the second node comes after the state change that followed it.
      await world.interrupt(second, 'state-change');
      await aws.sendSpotInterruption(world.sandbox.instanceIdOf(second), { delaySeconds: 2 });
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  },
  {
    group,
    name: 'is deleted and created again (queue-processor)',
    options: { going: 2 },
    play: async (world) => {
      const { aws } = world.sandbox;
      const [first, second] = firstTwo(world);
      world.start('queue-processor');
      await untilAtWork(world);
      await world.interrupt(first, 'spot');
      await waitUntil(() => aws.sqs.messages().every(({ deletedAt }) => deletedAt !== undefined), 10_000);
      const calls = aws.calls('sqs', 'ReceiveMessage').length;
      await aws.sqs.deleteQueue('interruptions');
      await waitUntil(() => aws.calls('sqs', 'ReceiveMessage').length > calls + 2, 10_000);
      await aws.sqs.createQueue('interruptions', { visibilityTimeoutSeconds: VISIBILITY_SECONDS });
      const endedAt = systemClock.monotonic();
      await world.interrupt(second, 'lifecycle');
      return await finish(world, { endedAt, boundSeconds: 15 });
    },
  },
];
