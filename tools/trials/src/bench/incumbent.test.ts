import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createThrottle, EventStore } from './incumbent.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('acts on the tick of a second, on so many events at once, and on none twice', async () => {
  const begun: string[] = [];
  const hanging = Promise.withResolvers<undefined>();
  const store = new EventStore(2, async ({ id }) => {
    begun.push(id);
    await hanging.promise;
  });
  for (const id of ['a', 'b', 'b', 'c']) store.add({ id, node: 'n', done: () => Promise.resolve() });
  expect(begun).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toEqual(['a', 'b']);
  hanging.resolve(undefined);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('lets a burst through and then waits for its turn', async () => {
  const turn = createThrottle(1_000, 2);
  await turn();
  await turn();
  const before = performance.now();
  await turn();
  expect(performance.now()).toBeGreaterThan(before);
});
