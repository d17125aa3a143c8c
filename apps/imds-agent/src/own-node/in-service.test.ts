import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { NodeInterruption } from '@node-termination-handler/interruption-handler';
import { createLogger } from '@node-termination-handler/logger';
import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { InService, IN_SERVICE_ANNOTATION, isAboutPool } from './in-service.ts';

/** An instance, its node as the API server has it, and what was asked of that. */
function setUp(noted?: string, env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const annotations: Record<string, string> = noted === undefined ? {} : { [IN_SERVICE_ANNOTATION]: noted };
  const failures: Error[] = [];
  const patches: ApiCall[] = [];
  const client: Pick<KubernetesClient, 'request'> = {
    request: <T>(call: ApiCall) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      if (call.verb === 'patch') {
        patches.push(call);
        Object.assign(annotations, (call.body as { metadata: { annotations: object } }).metadata.annotations);
      }
      const metadata = { name: 'node-1', uid: 'uid-1', resourceVersion: '1', annotations };
      return Promise.resolve({ metadata, spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0' } } as T);
    },
  };
  const clock = new VirtualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const parts = {
    instance: { instanceId: 'i-0123456789abcdef0' },
    runtime: {
      client: client as KubernetesClient,
      clock,
      log: createLogger({ format: 'json', destination: { write: (text: string) => lines.push(text) } }),
      settings: parsed.settings,
      stop: stop.signal,
    },
  };
  const start = () => new InService(parts);
  return { annotations, clock, failures, lines, patches, start, stop };
}

describe('that an instance is in service', () => {
  it('is noted on its node, so that the next agent knows it after the instance was in the warm pool', async () => {
    const { patches, start } = setUp();
    const before = start();
    expect(await before.wasBefore()).toBe(false);
    await before.seen();
    expect(await before.wasBefore()).toBe(true);
    await before.seen();
    expect(patches).toMatchObject([{ resource: 'nodes', name: 'node-1', patchType: 'merge' }]);
    const next = start();
    expect(await next.wasBefore()).toBe(true);
    await next.seen();
    expect(patches).toHaveLength(1);
  });

  it('is not believed of another instance whose node had the same name', async () => {
    const { annotations, start } = setUp('i-00000000000000000');
    expect(await start().wasBefore()).toBe(false);
    await start().seen();
    expect(annotations).toEqual({ [IN_SERVICE_ANNOTATION]: 'i-0123456789abcdef0' });
  });

  it('is tried again until it stands there, known meanwhile, and said', async () => {
    const { clock, failures, lines, patches, start } = setUp();
    failures.push(new Error('down'), new Error('down'));
    const inService = start();
    const noting = inService.seen();
    expect(await inService.wasBefore()).toBe(true);
    await clock.run(noting);
    expect([patches.length, lines.length]).toEqual([1, 2]);
    expect(lines.join('')).toMatch(/cannot be noted on its node[^]*is noted/);
  });

  it('is left alone when the program stops, and in a dry run', async () => {
    const dry = setUp(undefined, { DRY_RUN: 'true' });
    await dry.start().seen();
    const { clock, failures, patches, start, stop } = setUp();
    failures.push(...Array.from({ length: 100 }, () => new Error('down')));
    const noting = start().seen();
    await clock.advance(60_000);
    stop.abort();
    await noting;
    expect([dry.patches.length, patches.length, clock.timers]).toEqual([0, 0, 0]);
  });
});

describe('a target lifecycle state', () => {
  const base = { description: '', instanceId: instanceId('i-1'), noticedAt: new Date(0), startTime: new Date(0) };
  const target = (state: string): NodeInterruption => ({
    ...base,
    kind: 'ASG_LIFECYCLE',
    id: eventId('t-1'),
    monitor: 'ASG_LIFECYCLE_MONITOR',
    state,
  });

  it.each([
    ['Warmed:Stopped', true],
    ['Warmed:Terminated', true],
    ['Terminated', false],
  ] as const)('is about the warm pool: %s → %s', (state, expected) => {
    expect(isAboutPool(target(state))).toBe(expected);
  });
});
