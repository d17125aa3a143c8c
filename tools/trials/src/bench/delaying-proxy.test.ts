import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDelayingProxy } from './delaying-proxy.ts';

const server = createServer((request, response) => request.pipe(response));
beforeAll(async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => resolve(undefined));
  await promise;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('passes everything on in order, and no earlier than after a round trip', async () => {
  await using proxy = await startDelayingProxy((server.address() as AddressInfo).port, 40);
  const body = Array.from({ length: 100_000 }, (_, index) => index).join();
  const from = systemClock.monotonic();
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body });
  expect(await answer.text()).toBe(body);
  // Its greeting and the request: two round trips, less the millisecond that a timer may be early.
  expect(systemClock.monotonic() - from).toBeGreaterThan(2 * 39);
});

it('survives who goes before the greeting is over', async () => {
  await using proxy = await startDelayingProxy((server.address() as AddressInfo).port, 40);
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  const client = connect({ host: '127.0.0.1', port: proxy.port }, () => client.destroy());
  client.once('close', () => resolve(undefined));
  await closed;
  await sleep(systemClock, 60);
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body: 'still there' });
  expect(await answer.text()).toBe('still there');
});
