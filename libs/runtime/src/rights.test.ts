import { readFileSync } from 'node:fs';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';
import { loadImdsAgentSettings, loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { missingRights, neededRights, optionalRights, watchRights } from './rights.ts';
import type { Right } from './rights.ts';

function agentSettings(env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

function queueSettings() {
  const env = { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q', EMIT_KUBERNETES_EVENTS: 'true' };
  const parsed = loadQueueProcessorSettings({ argv: [], env });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

const words = ({ verb, resource, subresource, name }: Right): string =>
  [verb, subresource === undefined ? resource : `${resource}/${subresource}`, name].filter(Boolean).join(' ');

describe('the rights that are needed', () => {
  const needed = (env?: Readonly<Record<string, string>>) => neededRights(agentSettings(env), 'node-1').map(words);

  it('are those of the work that the settings ask for', () => {
    const [get, patch] = ['get nodes node-1', 'patch nodes node-1'];
    expect(needed()).toEqual([
      get,
      patch,
      'list pods',
      'watch pods',
      'get pods',
      'delete pods',
      'create pods/eviction',
    ]);
    expect(needed({ CORDON_ONLY: 'true' })).toEqual([get, patch]);
    expect(needed({ DRY_RUN: 'true', EMIT_KUBERNETES_EVENTS: 'true' })).toEqual([get, 'list pods', 'watch pods']);
    expect(needed({ EMIT_KUBERNETES_EVENTS: 'true' }).slice(-2)).toEqual(['create events', 'patch events']);
  });

  it.each([
    ['imds-agent', neededRights(agentSettings({ EMIT_KUBERNETES_EVENTS: 'true' }), 'node-1')],
    ['queue-processor', neededRights(queueSettings(), undefined)],
  ])('are given by the chart of %s', (app, rights) => {
    const file = new URL(`../../../apps/${app}/chart/files/rbac-rules.yaml`, import.meta.url);
    const rules = [...readFileSync(file, 'utf8').matchAll(/resources: \[(.*)\]\n {2}verbs: \[(.*)\]/g)];
    const given = rules.flatMap(([, resource, verbs = '']) => verbs.split(', ').map((verb) => `${verb} ${resource}`));
    for (const right of rights) expect(given).toContain(words({ ...right, name: '' }));
  });
});

describe('the rights that are not needed', () => {
  const optional = (...args: Parameters<typeof optionalRights>) =>
    optionalRights(...args).map(({ rights }) => rights.map(words));

  it('to a Lease are those of the chart, where there is one', () => {
    const settings = { ...queueSettings(), namespace: 'kube-system' };
    const [ofLease] = optionalRights(settings, undefined, 'nth');
    expect(optional(settings, undefined, 'nth')).toEqual([
      ['get leases nth', 'list leases nth', 'watch leases nth', 'patch leases nth'],
    ]);
    expect(ofLease?.rights[0]).toMatchObject({ group: 'coordination.k8s.io', namespace: 'kube-system' });
    const file = new URL('../../../apps/queue-processor/chart/files/lease-rules.yaml', import.meta.url);
    expect(readFileSync(file, 'utf8')).toContain(
      '- apiGroups: [coordination.k8s.io]\n  resources: [leases]\n  resourceNames: [LEASE]\n  verbs: [get, list, watch, patch]\n',
    );
    expect(optional(settings, undefined, undefined)).toEqual([]);
    expect(optional(queueSettings(), undefined, 'nth')).toEqual([]);
  });

  it('to the conditions of nodes are asked for with the setting alone', () => {
    const shows = { EMIT_NODE_CONDITIONS: 'true' };
    expect(optional(agentSettings(), 'node-1', undefined)).toEqual([]);
    expect(optional(agentSettings(shows), 'node-1', undefined)).toEqual([['patch nodes/status node-1']]);
    expect(optional(agentSettings({ ...shows, DRY_RUN: 'true' }), 'node-1', undefined)).toEqual([]);
  });
});

/** An API server of which a test says what it answers to a review. */
function server() {
  const state = { refuses: (_right: Right): boolean => false, fails: undefined as Error | undefined };
  const calls: ApiCall[] = [];
  const client: KubernetesClient = {
    request<T>(call: ApiCall) {
      calls.push(call);
      if (state.fails !== undefined) return Promise.reject(state.fails);
      const { spec } = (call.body ?? {}) as { readonly spec?: { readonly resourceAttributes: Right } };
      if (spec === undefined) return Promise.reject(new Error(`not asked for: ${call.verb} ${call.resource}`));
      return Promise.resolve({ status: { allowed: !state.refuses(spec.resourceAttributes) } } as T);
    },
    watch: () => {
      throw new Error('nothing is watched');
    },
    close: () => undefined,
  };
  return { state, calls, client };
}

describe('the rights that are missing', () => {
  it('are asked for one by one, each as RBAC names it', async () => {
    const { client, state, calls } = server();
    state.refuses = ({ verb }) => verb === 'patch';
    const rights = neededRights(agentSettings(), 'node-1');
    const missing = await missingRights(client, rights, new AbortController().signal);
    expect(missing.map(words)).toEqual(['patch nodes node-1']);
    expect(calls).toHaveLength(rights.length);
    expect(calls.at(-1)).toMatchObject({
      verb: 'create',
      group: 'authorization.k8s.io',
      resource: 'selfsubjectaccessreviews',
      body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods', subresource: 'eviction' } } },
    });
  });
});

describe('the watch of the rights', () => {
  function start(lease?: string) {
    const clock = new VirtualClock();
    const health = createHealth({ clock });
    const lines: Record<string, unknown>[] = [];
    const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
    const log = createLogger({ format: 'json', destination });
    const api = server();
    const rights = neededRights(agentSettings(), 'node-1');
    const stop = new AbortController();
    const settings = { ...queueSettings(), namespace: 'kube-system', emitNodeConditions: lease !== undefined };
    const optional = optionalRights(settings, undefined, lease);
    const watching = watchRights(rights, optional, { client: api.client, health, log, clock }, stop.signal);
    const end = async (): Promise<void> => {
      stop.abort();
      await watching;
      expect(clock.timers).toBe(0);
    };
    return { ...api, clock, health, lines, end, isReady: () => health.status().ready };
  }

  it('makes the program ready when all is there, and asks again every ten minutes', async () => {
    const { clock, calls, isReady, lines, end } = start();
    await clock.advance(0);
    expect([isReady(), lines.length, calls.length]).toEqual([true, 0, 7]);
    await clock.advance(450_000);
    expect(calls).toHaveLength(7);
    await clock.advance(300_000);
    expect([isReady(), calls.length]).toEqual([true, 14]);
    await end();
  });

  it('says which rights are missing at once and every five minutes, and is ready soon after they come', async () => {
    const { clock, state, health, isReady, lines, end } = start();
    state.refuses = ({ verb, subresource }) => verb === 'patch' || subresource === 'eviction';
    await clock.advance(0);
    expect(isReady()).toBe(false);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: 'not ready to work on nodes, trying again',
        error: 'not allowed to patch nodes, create pods/eviction',
        advice: expect.stringContaining('add its rule to the role, as in files/rbac-rules.yaml') as string,
      },
    ]);
    expect(health.status().checks[0]?.reason).toMatch(/not allowed to patch nodes.*add its rule to the role/);
    await clock.advance(800_000);
    expect(lines.length).toBe(3);
    state.refuses = () => false;
    await clock.advance(80_000);
    expect(isReady()).toBe(true);
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'ready to work on nodes' });
    await end();
  });

  it('is not ready when a right is taken away later, and ready again when it is given back', async () => {
    const { clock, state, health, isReady, lines, end } = start();
    await clock.advance(700_000);
    state.refuses = ({ resource }) => resource === 'pods';
    expect([isReady(), lines]).toEqual([true, []]);
    await clock.advance(700_000);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    expect(lines.map(({ message, error }) => [message, error])).toEqual([
      ['not ready to work on nodes, trying again', expect.stringContaining('list pods, watch pods, get pods')],
    ]);
    state.refuses = () => false;
    await clock.advance(80_000);
    expect([isReady(), lines.at(-1)?.message]).toEqual([true, 'ready to work on nodes']);
    await end();
  });

  it('does without rights that are not needed, and says so for as long as they are missing, and when they come', async () => {
    const { clock, state, calls, isReady, lines, end } = start('nth');
    state.refuses = ({ resource, subresource, verb }) =>
      (resource === 'leases' && verb !== 'get') || subresource === 'status';
    await clock.advance(0);
    expect([isReady(), calls.length]).toEqual([true, 12]);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: 'replicas cannot see each other: the work of one that dies is taken over later',
        error: 'not allowed to list leases, watch leases, patch leases',
        advice: expect.stringContaining('lease-rules.yaml') as string,
      },
      {
        level: 'warn',
        message: 'nodes show no conditions: their drains go on all the same',
        error: 'not allowed to patch nodes/status',
        advice: expect.stringContaining('emitNodeConditions') as string,
      },
    ]);
    lines.length = 0;
    await clock.advance(800_000);
    expect(lines.map(({ 'lasts-seconds': seconds }) => Number(seconds) >= 300)).toEqual([true, true]);
    lines.length = 0;
    state.refuses = () => false;
    await clock.advance(800_000);
    expect([isReady(), lines.map(({ message }) => message)]).toEqual([
      true,
      ['replicas see each other again', 'nodes show their conditions again'],
    ]);
    await end();
  });

  it('stays ready when one question goes unanswered, and is not when the next does, too', async () => {
    const { clock, state, isReady, lines, end } = start();
    await clock.advance(0);
    state.fails = new Error('no answer');
    while (lines.length === 0) await clock.advance(1_000);
    expect(isReady()).toBe(true);
    await clock.advance(10_000);
    expect(isReady()).toBe(false);
    await end();
  });

  it('says why the API server cannot be asked', async () => {
    const { clock, state, isReady, lines, end } = start();
    state.fails = new Error('no answer', { cause: new Error('connect ECONNREFUSED 10.0.0.1:443') });
    await clock.advance(0);
    expect([isReady(), lines.at(-1)?.error]).toEqual([false, 'no answer: connect ECONNREFUSED 10.0.0.1:443']);
    state.fails = undefined;
    await clock.advance(5_000);
    expect(isReady()).toBe(true);
    await end();
  });

  it('is content where rights cannot be asked for', async () => {
    const { clock, state, isReady, lines, end } = start();
    state.fails = new KubernetesApiError({ verb: 'create', resource: 'selfsubjectaccessreviews' }, 403, undefined);
    await clock.advance(0);
    expect([isReady(), lines]).toEqual([true, []]);
    await end();
  });

  it('ends in the middle of a question, and says nothing of it', async () => {
    const stop = new AbortController();
    const health = createHealth();
    const log = createLogger({ destination: { write: () => expect.unreachable() } });
    const request = (call: ApiCall) =>
      new Promise<never>((_resolve, reject) => {
        call.signal?.addEventListener('abort', () => reject(new Error('the call was ended')), { once: true });
      });
    const rights = neededRights(agentSettings(), 'node-1');
    const parts = { client: { request }, health, log, clock: new VirtualClock() };
    const watching = watchRights(rights, [], parts, stop.signal);
    stop.abort();
    await watching;
    expect(health.status().ready).toBe(false);
  });
});
