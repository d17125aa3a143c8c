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
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryClient } from './testing/memory-client.ts';
import { every, podCounts } from './testing/steps.ts';
import { createTelling } from './telling.ts';
import { createWebhook, TemplateFileError } from './webhook.ts';

const START = new Date('2026-01-02T03:04:05Z');
const drained: InterruptionProgress = {
  type: 'drained',
  at: START,
  counts: podCounts({ evicted: 1 }),
  pods: ['default/web-1'],
  secondsLeft: 100,
  durationMs: 1,
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
let status = 200;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    bodies.push(body);
    response.statusCode = status;
    response.end();
  });
});
let url: string;
let lines: string[];
let log: ReturnType<typeof createLogger>;
let directory: string;

beforeEach(async () => {
  bodies.length = 0;
  status = 200;
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
    const telling = createTelling(told, await createWebhook(told, { log, env: {}, clock: systemClock, metrics }), {
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

  it('of a dry run says in every line and message what would be done, and claims no deed', async () => {
    using metrics = createMetrics();
    const phases = 'received,cordoned,drained,failed,overdue,cancelled,uncordoned';
    const env = { WEBHOOK_URL: url, DRY_RUN: 'true', EMIT_KUBERNETES_EVENTS: 'true', WEBHOOK_EVENTS: phases };
    const told = settings({ ...env, WEBHOOK_TEMPLATE: '{{ .Outcome }}|{{ .Summary }}' });
    const { client, calls } = memoryClient();
    const webhook = await createWebhook(told, { log, env: {}, clock: systemClock });
    const telling = createTelling(told, webhook, { log, metrics, client, clock: systemClock, host: 'node-1' });
    // A dry run asks nothing of a pod, completes nothing, and gives no node back that it has not marked.
    const deeds = new Set([
      'evicting',
      'evicted',
      'deleted',
      'blocked',
      'condition-failed',
      'throttled',
      'refused',
      'gone',
    ]);
    const play = every.filter((step) => step.type !== 'draining' || !deeds.has(step.progress.type));
    for (const step of play) if (step.type !== 'completed' && step.type !== 'pod-outcome') telling.tell(step);
    await telling.close(20_000);
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const steps = said.filter((line) => 'event-id' in line && !String(line.message).startsWith('webhook'));
    expect(steps.length).toBeGreaterThan(30);
    expect(steps.filter((line) => line['dry-run'] !== true)).toEqual([]);
    const claims =
      /successfully|^(?:Requesting|Draining|event joins)|\b(?:was|were|is|are) (?:cordoned|drained|replaced|deleted|evicted|uncordoned)\b/;
    expect(steps.map(({ message }) => String(message)).filter((message) => claims.test(message))).toEqual([
      // Two that only a program can tell that writes: in a dry run nobody sees the mark that is taken away.
      'somebody made the node schedulable though it goes away: it was cordoned again',
    ]);
    expect(bodies.length).toBeGreaterThan(8);
    expect(bodies.filter((body) => !/^dry-run\|.*\(dry run: nothing is done\)/.test(body))).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('tells of a webhook that takes nothing once, with what to do, and when it does again', async () => {
    using metrics = createMetrics();
    const told = settings({ WEBHOOK_URL: url });
    const webhook = await createWebhook(told, { log, env: {}, clock: systemClock, metrics });
    const parts = { log, metrics, client: memoryClient().client, clock: systemClock, host: 'node-1' };
    const telling = createTelling(told, webhook, parts);
    const loud = () => lines.filter((line) => /"level":"(?:warn|info)".*webhook notification/.test(line));
    status = 404;
    for (const id of ['a', 'b', 'c']) telling.tell({ ...drained, event: { ...drained.event, id: eventId(id) } });
    await vi.waitFor(() => expect(bodies).toHaveLength(3), 10_000);
    status = 200;
    telling.tell(drained);
    await telling.close(10_000);
    expect(loud().map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'webhook notification failed',
      'webhook notification sent',
      'webhook notifications are delivered again',
    ]);
    expect(JSON.parse(loud()[0]!)).toMatchObject({ advice: expect.stringContaining('WEBHOOK_URL'), phase: 'drained' });
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
    expect(await createWebhook(settings(), { log, env: {}, clock: systemClock })).toBeUndefined();
    const file = path.join(directory, 'template');
    await writeFile(file, 'node {{ .NodeName }}');
    const told = settings({ WEBHOOK_URL: url, WEBHOOK_TEMPLATE_FILE: file });
    using metrics = createMetrics();
    const telling = createTelling(told, await createWebhook(told, { log, env: {}, clock: systemClock }), {
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
      createWebhook(settings({ WEBHOOK_URL: url, WEBHOOK_TEMPLATE_FILE: `${file}-missing` }), {
        ...{ log, env: {}, clock: systemClock },
      }),
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
