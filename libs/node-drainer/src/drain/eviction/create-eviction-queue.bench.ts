import { test } from 'vitest';
import { Deadline } from '../../time/deadline.ts';
import { createEvictionQueue } from './create-eviction-queue.ts';

/** Puts so many pods of a hundred nodes on the queue, and waits until each has been looked at once. */
async function evictAll(count: number): Promise<void> {
  const queue = createEvictionQueue();
  const deadlines = Array.from({ length: 100 }, (_, index) => new Deadline(Date.now() + 60_000 + index * 1000));
  const all = Promise.withResolvers<undefined>();
  let left = count;
  for (let index = 0; index < count; index += 1) {
    queue.add({
      uid: String(index),
      deadline: deadlines[index % deadlines.length] ?? new Deadline(0),
      graceSeconds: index % 30,
      signal: new AbortController().signal,
      look: () => {
        left -= 1;
        if (left === 0) all.resolve(undefined);
        return Promise.resolve({ next: 'done' });
      },
    });
  }
  await all.promise;
}

test('evictions: the cost grows with the pods', async ({ bench }) => {
  await bench.compare(
    bench('100', () => evictAll(100)),
    bench('1,000', () => evictAll(1_000)),
    bench('10,000', () => evictAll(10_000)),
  );
});
