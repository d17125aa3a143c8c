import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@node-termination-handler/clock';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth, createMetrics } from '@node-termination-handler/metrics';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { expect, it } from 'vitest';
import { startServers } from './servers.ts';

function settings(env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

function setUp(stop = new AbortController().signal) {
  const lines: string[] = [];
  const log = createLogger({ format: 'json', destination: { write: (line) => void lines.push(line) } });
  const opened = new AsyncDisposableStack();
  const metrics = opened.use(createMetrics());
  return { lines, parts: { metrics, health: createHealth(), log, clock: systemClock, opened, stop } };
}

it('run when they are asked for', async () => {
  const { lines, parts } = setUp();
  await using _opened = parts.opened;
  await startServers(settings(), parts);
  expect(lines).toEqual([]);
  const asked = settings({ ENABLE_PROMETHEUS_SERVER: 'true', ENABLE_PROBES_SERVER: 'true' });
  await startServers({ ...asked, prometheusServerPort: 0, probesServerPort: 0 }, parts);
  expect(lines.join()).toMatch(/"port":[1-9]\d*,"path":"\/healthz","message":"serving probes"/);
  const ready = async () => /^nth_ready (\d)$/m.exec((await parts.metrics.scrape()).body)?.[1];
  expect(await ready()).toBe('0');
  const queue = parts.health.dependency('queue', { withinMs: 60_000 });
  queue.succeeded();
  expect(await ready()).toBe('1');
  queue.refused('it is gone');
  expect(await ready()).toBe('0');
});

it('name the setting when a port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, resolve));
  const { port } = other.address() as AddressInfo;
  const { parts } = setUp();
  await using _opened = parts.opened;
  const taken = { ...settings({ ENABLE_PROBES_SERVER: 'true' }), probesServerPort: port };
  await expect(startServers(taken, parts)).rejects.toThrow(/PROBES_SERVER_PORT/);
  other.close();
});

it('do not start any more when the program was told to stop', async () => {
  const { parts } = setUp(AbortSignal.abort(new Error('stop')));
  await using _opened = parts.opened;
  for (const name of ['PROMETHEUS', 'PROBES'])
    await expect(startServers(settings({ [`ENABLE_${name}_SERVER`]: 'true' }), parts)).rejects.toThrow('stop');
});
