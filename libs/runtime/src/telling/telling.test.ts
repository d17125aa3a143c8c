import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryClient } from './testing/memory-client.ts';
import { podCounts } from './testing/steps.ts';
import { createTelling, createWebhook, TemplateFileError } from './telling.ts';

const START = new Date('2026-01-02T03:04:05Z');
const drained: InterruptionProgress = {
  type: 'drained',
  at: START,
  counts: podCounts({ evicted: 1 }),
  pods: ['default/web-1'],
  secondsLeft: 100,
  durationMs: 1,
  dryRun: false,
  isFirst: true,
  others: [],
  node: { name: 'node-1', uid: 'uid-1', labels: {} },
  event: {
    kind: 'SPOT_ITN',
    id: eventId('spot-1'),
    action: 'terminate',
    monitor: 'SPOT_ITN_MONITOR',
    description: 'Spot ITN received.',
    instanceId: instanceId('i-1'),
    noticedAt: START,
    startTime: START,
  },
};

function settings(env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

const bodies: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    bodies.push(body);
    response.end();
  });
});
let url: string;
let lines: string[];
let log: ReturnType<typeof createLogger>;
let directory: string;

beforeEach(async () => {
  bodies.length = 0;
  lines = [];
  log = createLogger({ format: 'json', level: 'debug', destination: { write: (line) => void lines.push(line) } });
  directory = await mkdtemp(path.join(tmpdir(), 'telling-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

describe('telling', () => {
  it('says a step in the log, as a metric, as a Kubernetes event and over the webhook', async () => {
    using metrics = createMetrics();
    const told = settings({
      WEBHOOK_URL: url,
      EMIT_KUBERNETES_EVENTS: 'true',
      KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'team=blue',
    });
    const { client, calls } = memoryClient();
    const telling = createTelling(told, await createWebhook(told, { log, env: {}, metrics }), {
      log,
      metrics,
      client,
      clock: systemClock,
      host: 'node-1',
    });
    telling.tell(drained, { metadata: { region: 'eu-west-1', accountId: '123' } });
    await telling.close(5_000);
    expect(lines.join('')).toContain('Node successfully cordoned and drained');
    expect(bodies).toHaveLength(1);
    expect(calls[0]?.body).toMatchObject({
      reason: 'CordonAndDrain',
      metadata: { annotations: { team: 'blue', region: 'eu-west-1', 'account-id': '123', 'public-ipv4': '' } },
    });
    const { body } = await metrics.scrape();
    expect(body).toMatch(/nth_webhook_deliveries_total\{outcome="delivered"\} 1/);
  });

  it('says on every line of a dry run that it is one, and else not', () => {
    using metrics = createMetrics();
    for (const env of [{}, { DRY_RUN: 'true' }])
      createTelling(settings(env), undefined, {
        ...{ log, metrics, client: memoryClient().client, clock: systemClock, host: 'node-1' },
      }).tell(drained, { metadata: {} });
    expect(lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['dry-run'])).toEqual([undefined, true]);
  });

  it('writes no Kubernetes event unless asked to, nor in a dry run, and says when one cannot be written', async () => {
    using metrics = createMetrics();
    for (const env of [{}, { EMIT_KUBERNETES_EVENTS: 'true', DRY_RUN: 'true' }]) {
      const { client, calls } = memoryClient();
      const telling = createTelling(settings(env), undefined, {
        log,
        metrics,
        client,
        clock: systemClock,
        host: 'node-1',
      });
      telling.tell(drained, { metadata: {} });
      await telling.close(100);
      expect(calls).toEqual([]);
    }
    const telling = createTelling(settings({ EMIT_KUBERNETES_EVENTS: 'true' }), undefined, {
      log,
      metrics,
      client: memoryClient(true).client,
      clock: systemClock,
      host: 'node-1',
    });
    telling.tell(drained, { metadata: {} });
    await telling.close(100);
    expect(lines.join('')).toContain('Kubernetes event was not written');
  });

  it('has no webhook without a URL, and takes its template from a file', async () => {
    expect(await createWebhook(settings(), { log, env: {} })).toBeUndefined();
    const file = path.join(directory, 'template');
    await writeFile(file, 'node {{ .NodeName }}');
    const told = settings({ WEBHOOK_URL: url, WEBHOOK_TEMPLATE_FILE: file });
    using metrics = createMetrics();
    const telling = createTelling(told, await createWebhook(told, { log, env: {} }), {
      log,
      metrics,
      client: memoryClient().client,
      clock: systemClock,
      host: 'node-1',
    });
    telling.tell(drained, { metadata: {} });
    await telling.close(5_000);
    expect(bodies).toEqual(['node node-1']);
    await expect(
      createWebhook(settings({ WEBHOOK_URL: url, WEBHOOK_TEMPLATE_FILE: `${file}-missing` }), { log, env: {} }),
    ).rejects.toThrow(TemplateFileError);
  });
});

it('tells of the own instance where no other is named, and names the only node before it was found', async () => {
  using metrics = createMetrics();
  const told = settings({ EMIT_KUBERNETES_EVENTS: 'true' });
  const { client, calls } = memoryClient();
  const parts = { log, metrics, client, clock: systemClock, host: 'node-1', onlyNode: 'node-1' };
  const telling = createTelling(told, undefined, parts);
  telling.tell({
    type: 'cordon-failed',
    reason: 'down',
    final: false,
    isFirst: true,
    others: [],
    at: START,
    event: drained.event,
  });
  telling.knowOwnInstance({ metadata: { instanceId: 'i-own' } });
  telling.tell(drained);
  await telling.close(5_000);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ 'node-name': 'node-1', reason: 'down' });
  expect(calls[0]?.body).toMatchObject({ metadata: { annotations: { 'instance-id': 'i-own' } } });
});

it('gives up at the end what cannot be told in time, and says so', async () => {
  using metrics = createMetrics();
  const clock = new VirtualClock();
  const { client } = memoryClient();
  const hanging: KubernetesClient = { ...client, request: () => new Promise<never>(() => undefined) };
  const parts = { log, metrics, client: hanging, clock, host: 'node-1' };
  const telling = createTelling(settings({ EMIT_KUBERNETES_EVENTS: 'true' }), undefined, parts);
  telling.tell(drained);
  await clock.run(telling.close(3_000));
  expect(lines.at(-1)).toContain('not everything could be told before the end');
});
