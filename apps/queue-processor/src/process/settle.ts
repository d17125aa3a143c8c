import pRetry from 'p-retry';
import type { MessagesInWork } from '../queue/in-work.ts';
import type { QueueMessage } from '../queue/message.ts';
import type { Queue } from '../queue/queue.ts';
import type { MessageFate } from './message-fate.ts';

/** Does with a message what was decided, and takes it out of work: from then on nothing keeps it invisible. */
export async function settle(
  queue: Queue,
  inWork: MessagesInWork,
  message: QueueMessage,
  fate: MessageFate,
): Promise<void> {
  try {
    await pRetry(
      async () => {
        const delivery = inWork.latest(message);
        if (fate.action === 'delete') await queue.delete(delivery);
        if (fate.action === 'return') await queue.changeVisibility(delivery, fate.afterSeconds);
      },
      { retries: 5, minTimeout: 200, maxTimeout: 5_000, randomize: true },
    );
  } finally {
    inWork.remove(message);
  }
}
