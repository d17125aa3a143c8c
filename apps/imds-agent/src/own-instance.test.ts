import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { NodeMetadata } from '@node-termination-handler/imds-client';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { ownInstance, watchForFilter } from './own-instance.ts';

const metadata: NodeMetadata = {
  accountId: '123456789012',
  instanceId: 'i-1',
  instanceType: 'm6i.large',
  instanceLifeCycle: 'spot',
  localHostname: 'node-1',
  privateIp: '10.0.0.1',
  publicHostname: '',
  publicIp: '',
  availabilityZone: 'eu-west-1a',
  region: 'eu-west-1',
};

function setUp() {
  const clock = new VirtualClock();
  const health = createHealth({ clock });
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const stop = new AbortController();
  const telling = {
    monitors: { started: vi.fn(), succeeded: vi.fn(), failed: vi.fn() },
    tell: vi.fn(),
    knowOwnInstance: vi.fn(),
    close: vi.fn(),
  };
  const runtime = { clock, health, log: createLogger({ format: 'json', destination }), stop: stop.signal, telling };
  return { clock, health, lines, stop, telling, runtime };
}

describe('the own instance', () => {
  it('is known from the metadata, to whoever is told of it, too', async () => {
    const { clock, health, telling, runtime } = setUp();
    expect(await clock.run(ownInstance({ nodeMetadata: () => Promise.resolve(metadata) }, runtime))).toBe(metadata);
    expect(telling.knowOwnInstance.mock.calls).toMatchObject([
      [{ metadata: { instanceId: 'i-1', localIp: '10.0.0.1', instanceType: 'm6i.large' } }],
    ]);
    expect(health.status().checks).toEqual([]);
  });

  it('is asked for until it is known: alive, not ready, said at once and every five minutes', async () => {
    const { clock, health, lines, stop, runtime } = setUp();
    let isAway = true;
    const nodeMetadata = () => (isAway ? Promise.reject(new Error('no route')) : Promise.resolve(metadata));
    const looking = ownInstance({ nodeMetadata }, runtime);
    await clock.advance(0);
    expect(lines).toMatchObject([
      { level: 'error', message: 'the instance metadata cannot be read, trying again', error: 'no route' },
    ]);
    await clock.advance(310_000);
    expect(lines).toHaveLength(2);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    isAway = false;
    expect((await clock.run(looking)).instanceId).toBe('i-1');
    expect(stop.signal.aborted).toBe(false);
  });

  it('is asked for no more when the program is told to stop', async () => {
    const { clock, stop, runtime } = setUp();
    const looking = ownInstance({ nodeMetadata: () => Promise.reject(new Error('no route')) }, runtime);
    await clock.advance(1_000);
    stop.abort(new Error('stop'));
    await expect(looking).rejects.toThrow('stop');
    expect(clock.timers).toBe(0);
  });
});

describe('metadata that is filtered', () => {
  const whole = new Map(
    ['instance-id', 'instance-type', 'placement/availability-zone'].map((name) => [`/latest/meta-data/${name}`, name]),
  );

  it('is said, with what is hidden, and the agent is not ready until it is no more (A14)', async () => {
    const { clock, health, lines, stop, runtime } = setUp();
    let documents: ReadonlyMap<string, string> = new Map([['/latest/meta-data/instance-id', 'i-1']]);
    const imds = { get: (path: string) => Promise.resolve(documents.get(path)) };
    const watching = watchForFilter({ ...runtime, imds }, stop.signal);
    await clock.advance(0);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    expect(lines).toMatchObject([
      {
        message: 'the instance metadata is filtered, so that notices would not be seen',
        error: expect.stringMatching(
          /404 to \/latest\/meta-data\/instance-type, \/latest\/meta-data\/placement\/availability-zone, which every/,
        ) as string,
      },
    ]);
    documents = whole;
    await clock.advance(60_000);
    expect(health.status()).toMatchObject({ ready: true });
    expect(lines.at(-1)).toMatchObject({ message: 'the instance metadata is filtered no more' });
    stop.abort();
    await clock.run(watching);
    expect(clock.timers).toBe(0);
  });

  it('is not what a service is that does not answer for a while', async () => {
    const { clock, health, lines, stop, runtime } = setUp();
    let isAway = true;
    const imds = {
      get: (path: string) => (isAway ? Promise.reject(new Error('no route')) : Promise.resolve(whole.get(path))),
    };
    const watching = watchForFilter({ ...runtime, imds }, stop.signal);
    await clock.advance(60_000);
    isAway = false;
    await clock.advance(10_000);
    expect(lines).toEqual([]);
    expect(health.status()).toMatchObject({ ready: true });
    stop.abort();
    await clock.run(watching);
  });
});
