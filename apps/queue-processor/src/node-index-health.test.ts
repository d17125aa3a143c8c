import { createHealth } from '@node-termination-handler/metrics';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportNodeIndex } from './node-index-health.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('is not ready before the first list, and not healthy when the API server has said nothing for too long', async () => {
  const health = createHealth({ now: () => Date.now() });
  const synced = Promise.withResolvers<undefined>();
  const nodes: { lastSuccess: Date | undefined; whenSynced: () => Promise<void> } = {
    lastSuccess: undefined,
    whenSynced: () => synced.promise,
  };
  const stop = new AbortController();
  reportNodeIndex(nodes, health.expect('list of nodes', { withinMs: 60_000 }), stop.signal);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(health.status()).toMatchObject({ healthy: true, ready: false });

  nodes.lastSuccess = new Date();
  synced.resolve(undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(health.status()).toMatchObject({ healthy: true, ready: true });

  await vi.advanceTimersByTimeAsync(61_000);
  expect(health.status()).toMatchObject({ healthy: false, ready: false });

  nodes.lastSuccess = new Date();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(health.status()).toMatchObject({ healthy: true, ready: true });

  stop.abort();
  expect(vi.getTimerCount()).toBe(0);
});
