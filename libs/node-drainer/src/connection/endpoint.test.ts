import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { refusal } from '../testing/scripted-cluster.ts';
import { createEndpoint } from './endpoint.ts';

const HOUR_MS = 3_600_000;
const unbounded = <V>(reading: Promise<V>): Promise<V> => reading;

/** A kubeconfig that counts how often it is read, and gives out each time another token. */
function setUp() {
  const clock = new VirtualClock();
  const read = vi.fn((options: { headers?: Record<string, string> }) => {
    options.headers = { Authorization: `Bearer ${read.mock.calls.length}` };
    return Promise.resolve();
  });
  const cluster = { name: 'test', server: 'https://127.0.0.1:1', skipTLSVerify: false };
  const access = { getCurrentCluster: () => cluster, getCurrentUser: () => null, applyToHTTPSOptions: read };
  const endpoint = createEndpoint(access, 1, clock);
  const token = () => endpoint.use(unbounded, ({ headers }) => Promise.resolve(headers.Authorization));
  return { clock, endpoint, token, read };
}

describe('credentials', () => {
  it('are read again once a minute', async () => {
    const { clock, token } = setUp();
    await token();
    await clock.advance(59_000);
    await expect(token()).resolves.toBe('Bearer 1');
    await clock.advance(1000);
    await expect(token()).resolves.toBe('Bearer 2');
  });

  it('are read again after a minute though the wall clock was set back an hour', async () => {
    const { clock, token } = setUp();
    await token();
    clock.setWallClock(-HOUR_MS);
    await clock.advance(60_000);
    await expect(token()).resolves.toBe('Bearer 2');
  });

  it('that have rotated are asked for though the wall clock was set back an hour', async () => {
    const { clock, endpoint, token } = setUp();
    await token();
    await clock.advance(60_000);
    await token();
    clock.setWallClock(-HOUR_MS);
    await clock.advance(1000);
    const exchange = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
      headers.Authorization === 'Bearer 3'
        ? Promise.resolve('known')
        : Promise.reject(refusal({ verb: 'get', resource: 'nodes' }, 401));
    await expect(endpoint.use(unbounded, exchange)).resolves.toBe('known');
  });

  it('that stay wrong are not read at each call', async () => {
    const { endpoint, read } = setUp();
    const unknown = () => Promise.reject(refusal({ verb: 'get', resource: 'nodes' }, 401));
    for (let call = 0; call < 10; call += 1) {
      await expect(endpoint.use(unbounded, unknown)).rejects.toMatchObject({ status: 401 });
    }
    expect(read).toHaveBeenCalledTimes(2);
  });
});
