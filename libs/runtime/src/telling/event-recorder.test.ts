import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';
import { describe, expect, it } from 'vitest';
import { createEventRecorder } from './event-recorder.ts';
import type { KubernetesEventText } from './drain-steps.ts';

const node = { kind: 'Node', name: 'node-1', uid: 'uid-1' } as const;
const said: KubernetesEventText = { subject: node, type: 'Normal', reason: 'CordonAndDrain', message: 'drained' };
const podEvent = (name: string, message = 'evicted'): KubernetesEventText => ({
  subject: { kind: 'Pod', namespace: 'shop', name, uid: name },
  type: 'Normal',
  reason: 'PodEviction',
  message,
});

/** An API server that keeps events, as far as a recorder needs it. */
function setUp() {
  const clock = new VirtualClock();
  const calls: ApiCall[] = [];
  const events = new Map<string, Record<string, unknown>>();
  const state = {
    fails: undefined as Error | undefined,
    breaks: undefined as Error | undefined,
    hangs: undefined as Promise<unknown> | undefined,
  };
  const failures: string[] = [];
  let written = 0;
  const client: Pick<KubernetesClient, 'request'> = {
    async request<T>(call: ApiCall) {
      calls.push(call);
      await state.hangs;
      if (state.fails !== undefined) throw state.fails;
      const body = call.body as Record<string, unknown>;
      if (call.verb === 'create') {
        const { name } = body.metadata as { name: string };
        if (events.has(name)) throw new KubernetesApiError(call, 409, { reason: 'AlreadyExists' });
        events.set(name, { ...body });
        if (state.breaks !== undefined) throw state.breaks;
      } else {
        const known = events.get(call.name ?? '');
        if (known === undefined) throw new KubernetesApiError(call, 404, { reason: 'NotFound' });
        Object.assign(known, body);
      }
      return {} as T;
    },
  };
  const recorder = createEventRecorder(client as KubernetesClient, {
    host: 'pod-1',
    annotations: { team: 'blue' },
    clock,
    onFailed: (error) => failures.push((error as Error).message),
    onWritten: () => (written += 1),
  });
  const counts = () => [...events.values()].map(({ message, count }) => [message, count]);
  return { clock, calls, events, state, failures, recorder, counts, written: () => written };
}

describe('the recorder of Kubernetes events', () => {
  it('writes one once, counts it when it comes again, and writes another after ten minutes', async () => {
    const { clock, calls, recorder, counts, written } = setUp();
    recorder.record(said, { region: 'eu-west-1', team: 'of the instance' });
    recorder.record(said);
    await recorder.idle();
    expect(counts()).toEqual([['drained', 2]]);
    await clock.advance(3_600_000);
    recorder.record(said);
    await recorder.idle();
    expect(counts()).toEqual([
      ['drained', 2],
      ['drained', 1],
    ]);
    expect(written()).toBe(calls.length);
    expect(calls[0]).toMatchObject({
      verb: 'create',
      namespace: 'default',
      body: {
        metadata: { namespace: 'default', annotations: { team: 'blue', region: 'eu-west-1' } },
        involvedObject: { kind: 'Node', name: 'node-1', uid: 'uid-1' },
        reason: 'CordonAndDrain',
        source: { component: 'aws-node-termination-handler', host: 'pod-1' },
        firstTimestamp: '2026-01-02T03:04:05Z',
      },
    });
  });

  it('makes a flood of one event one object, and a write each ten seconds', async () => {
    const { clock, calls, recorder, counts } = setUp();
    for (let second = 0; second < 60; second += 1) {
      for (let time = 0; time < 100; time += 1) recorder.record(said);
      await clock.advance(1_000);
    }
    expect(calls.length).toBeLessThanOrEqual(8);
    await recorder.idle();
    expect(counts()).toEqual([['drained', 6_000]]);
    expect(clock.timers).toBe(0);
  });

  it('writes the count of what goes on for hours ever more seldom', async () => {
    const { clock, calls, recorder, counts } = setUp();
    for (let second = 0; second < 4 * 3_600; second += 1) {
      recorder.record(said);
      await clock.advance(1_000);
    }
    expect(calls.length).toBeLessThan(100);
    await recorder.idle();
    expect(counts()).toEqual([['drained', 4 * 3_600]]);
  });

  it('combines more than ten texts of one reason on one object, and keeps objects and reasons apart', async () => {
    const { recorder, counts } = setUp();
    for (let number = 0; number < 500; number += 1) recorder.record({ ...said, message: `${number} are left` });
    recorder.record({ ...said, reason: 'Cordon' });
    recorder.record(podEvent('web-1'));
    await recorder.idle();
    expect(counts()).toHaveLength(13);
    expect(counts()).toContainEqual(['(combined from similar events): 499 are left', 490]);
    expect(counts()).toEqual(
      expect.arrayContaining([
        ['drained', 1],
        ['evicted', 1],
      ]),
    );
  });

  it('writes an event anew that is gone, and one that could not be written', async () => {
    const { clock, events, state, failures, recorder, counts } = setUp();
    recorder.record(said);
    await recorder.idle();
    events.clear();
    recorder.record(said);
    await recorder.idle();
    expect(counts()).toEqual([['drained', 2]]);
    state.fails = new Error('forbidden');
    recorder.record(podEvent('web-1'));
    await recorder.idle();
    expect(failures).toEqual(['forbidden']);
    state.fails = undefined;
    await clock.advance(1_000);
    recorder.record(podEvent('web-1'));
    await recorder.idle();
    expect(counts()).toContainEqual(['evicted', 2]);
  });

  it('goes on with an event that was written though its answer was lost', async () => {
    const { state, failures, recorder, counts } = setUp();
    state.breaks = new Error('the connection was reset');
    recorder.record(said);
    await recorder.idle();
    recorder.record(said);
    await recorder.idle();
    expect([counts(), failures]).toEqual([[['drained', 2]], ['the connection was reset']]);
  });

  it('writes at the end what came to an event while it was sent', async () => {
    const { clock, calls, state, recorder, counts } = setUp();
    const release = Promise.withResolvers<undefined>();
    state.hangs = release.promise;
    recorder.record(said);
    await clock.advance(0);
    expect(calls).toHaveLength(1);
    recorder.record(said);
    const idle = recorder.idle();
    release.resolve(undefined);
    await idle;
    expect(counts()).toEqual([['drained', 2]]);
  });

  it('is well again when all is written, and not in the midst of a flood', async () => {
    const { state, failures, recorder, written } = setUp();
    const release = Promise.withResolvers<undefined>();
    state.hangs = release.promise;
    for (let number = 0; number < 2_100; number += 1) recorder.record(podEvent(`web-${number}`));
    expect([failures.length > 90, written()]).toEqual([true, 0]);
    release.resolve(undefined);
    await recorder.idle();
    // Of the last few, which were written at once.
    expect(written()).toBeLessThan(10);
    expect(written()).toBeGreaterThan(0);
  });

  it('keeps no more than it can write, warnings longest, and says what is left out', async () => {
    const { state, failures, recorder, events } = setUp();
    const release = Promise.withResolvers<undefined>();
    state.hangs = release.promise;
    for (let number = 0; number < 2_100; number += 1) recorder.record(podEvent(`web-${number}`));
    recorder.record({ ...podEvent('lost'), type: 'Warning', message: 'lost' });
    expect(failures.length).toBeGreaterThan(90);
    expect(failures[0]).toMatch(/^2000 events wait to be written already/);
    release.resolve(undefined);
    await recorder.idle();
    const messages = [...events.values()].map(({ message }) => message);
    expect(messages).toContain('lost');
    // Before all those that waited.
    expect(messages.indexOf('lost')).toBeLessThan(10);
    expect(messages.length).toBeLessThan(2_010);
  });
});
