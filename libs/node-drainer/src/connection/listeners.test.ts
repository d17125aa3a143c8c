import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenersOn, systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { json } from '../testing/api-server.ts';
import { performCall } from './call.ts';
import { createEndpoint } from './endpoint.ts';
import type { Connection } from './exchange.ts';
import { createGate, createRateLimit } from './limits.ts';
import { parseConnectOptions } from './options.ts';
import { performWatch } from './watch.ts';

/** A connection whose own long-lived signal can be looked at. */
async function setUp(answer: (url: string, response: ServerResponse) => void) {
  const server = createServer((request, response) => answer(request.url ?? '', response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cluster = {
    name: 'test',
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    skipTLSVerify: true,
  };
  const access = {
    getCurrentCluster: () => cluster,
    getCurrentUser: () => null,
    applyToHTTPSOptions: () => Promise.resolve(),
  };
  const closed = new AbortController().signal;
  const connection: Connection = {
    settings: parseConnectOptions({ maxSockets: 4 }),
    endpoint: createEndpoint(access, 4, systemClock),
    slowCalls: createGate(4),
    quickCalls: createGate(4),
    rateLimit: createRateLimit({ qps: 100_000, burst: 1 }, systemClock),
    clock: systemClock,
    closed,
  };
  const { signal } = new AbortController();
  const listeners = () => listenersOn(closed) + listenersOn(signal);
  return {
    connection,
    signal,
    listeners,
    [Symbol.asyncDispose]: async () => {
      connection.endpoint.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const AT_ONCE = 20;

/** Does something very often, so many at once. */
async function often(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, work));
}

describe('a call that is given up just when its turn comes', () => {
  it('leaves its place to others', async () => {
    await using set = await setUp((_, response) => json(response, 200, {}));
    const { connection } = set;
    const call = { verb: 'get', resource: 'nodes', name: 'a', retry: false } as const;
    await performCall(connection, call);
    for (let turns = 0; turns < 12; turns += 1) {
      const gate = createGate(1);
      const giveBack = gate.enterNow();
      const stop = new AbortController();
      const waiting = performCall({ ...connection, quickCalls: gate }, { ...call, signal: stop.signal });
      giveBack!();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      stop.abort(new Error('given up'));
      await expect(waiting).rejects.toThrow('given up');
      expect(gate.enterNow()).toBeTypeOf('function');
    }
  });
});

describe('signals that live as long as the program', () => {
  it('keep no listener of two thousand requests, whatever became of them', async () => {
    let requests = 0;
    await using set = await setUp((_, response) => {
      requests += 1;
      if (requests % 7 === 0) response.destroy();
      else json(response, requests % 5 === 0 ? 404 : 200, {});
    });
    let most = 0;
    await often(2000, async () => {
      const call = { verb: 'get', resource: 'nodes', name: 'a', retry: false, signal: set.signal } as const;
      await performCall(set.connection, call).catch(() => undefined);
      most = Math.max(most, set.listeners());
    });
    expect(requests).toBe(2000);
    expect(most).toBeLessThanOrEqual(2 * AT_ONCE);
    expect(set.listeners()).toBe(0);
  });

  it('keep no listener of a thousand watches, be they ended, broken off, refused or left', async () => {
    let watches = 0;
    await using set = await setUp((_, response) => {
      watches += 1;
      if (watches % 4 === 0) {
        json(response, 410, { kind: 'Status', code: 410 });
        return;
      }
      response.writeHead(200);
      response.write('{"type":"ADDED","object":{}}\n');
      if (watches % 4 === 1) response.end();
      if (watches % 4 === 2) setImmediate(() => response.destroy());
    });
    const watch = async () => {
      const events = performWatch(set.connection, { resource: 'nodes', signal: set.signal, timeoutSeconds: 1 });
      const { value } = await events.next();
      expect(value).toMatchObject({ type: 'ADDED' });
      await events.return(undefined);
    };
    await often(1000, () => watch().catch(() => undefined));
    expect(watches).toBe(1000);
    expect(set.listeners()).toBe(0);
  });
});
