import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createHealth } from '@node-termination-handler/metrics';
import { expect, it } from 'vitest';
import { watchNodeList } from './node-list.ts';

it('is not ready before the first list, nor when the API server has said nothing for too long, and alive all the time', async () => {
  const clock = new VirtualClock();
  const health = createHealth({ clock });
  const synced = Promise.withResolvers<undefined>();
  const nodes: { lastSuccess: Date | undefined; whenSynced: () => Promise<void> } = {
    lastSuccess: undefined,
    whenSynced: () => synced.promise,
  };
  const watch = watchNodeList(nodes, health.dependency('list of nodes', { withinMs: 60_000 }), clock);
  await clock.advance(10_000);
  expect(health.status()).toMatchObject({ alive: true, ready: false });

  nodes.lastSuccess = new Date(clock.now());
  synced.resolve(undefined);
  await clock.advance(0);
  expect(health.status()).toMatchObject({ alive: true, ready: true });

  await clock.advance(61_000);
  expect(health.status()).toMatchObject({ alive: true, ready: false });

  nodes.lastSuccess = new Date(clock.now());
  await clock.advance(5_000);
  expect(health.status()).toMatchObject({ alive: true, ready: true });

  watch[Symbol.dispose]();
  expect(clock.timers).toBe(0);
});
