import { describe, it } from 'vitest';
import { Deadline } from '@node-termination-handler/clock';
import { createEvictionQueue } from './queue.ts';

/** What the queue itself costs: the look at a pod does nothing but wait for its turn in the event loop. */
async function evictAll(count: number): Promise<void> {
  const queue = createEvictionQueue();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let left = count;
  for (let index = 0; index < count; index += 1) {
    queue.add({
      uid: String(index),
      deadline: Deadline.after(((index * 7919) % 600) * 1000),
      node: `node-${index % 100}`,
      leadMs: (index % 60) * 1000,
      signal: new AbortController().signal,
      look: async () => {
        await Promise.resolve();
        left -= 1;
        if (left === 0) resolve(undefined);
        return { next: 'done' };
      },
    });
  }
  await promise;
}

describe('pods through the eviction queue', () => {
  for (const count of [100, 1000, 10_000]) {
    it(`${count} of them`, async ({ bench }) => {
      await bench(`${count} pods`, () => evictAll(count)).run();
    });
  }
});
