import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance } from './instances/describe.ts';
import type { QueueMessage } from './queue/queue.ts';
import { createTeller } from './tell.ts';

const at = new Date('2026-01-02T03:04:05Z');
const event = {
  ...{ kind: 'SPOT_ITN', id: eventId('e-1'), action: 'terminate', monitor: 'SQS_MONITOR', description: '' },
  ...{ instanceId: instanceId('i-1'), noticedAt: at, startTime: at },
} as InterruptionEvent;
const message = (id: string): QueueMessage => ({ id, body: '', receiptHandle: id, receiveCount: 1 });
const instance = { id: 'i-1', instanceType: 'm6i.large', accountId: '123456789012' } as DescribedInstance;
const ours = { status: 'ours', instance, nodes: [] } as const;
const handled = { action: 'delete', outcome: 'handled' } as const;

function setUp() {
  const tell = vi.fn();
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const nodes = { find: () => ({ name: 'node-1' }) as FoundNode };
  const teller = createTeller({ telling: { tell }, nodes, region: 'eu-west-1', log, clock: new VirtualClock() });
  const step = { type: 'ignored', reason: '', event, at } as InterruptionProgress;
  const known = (): unknown => (teller.step(step), (tell.mock.calls.at(-1) as unknown[])[1]);
  return { teller, tell, log, known };
}

describe('what is told of a message', () => {
  it('comes with what is known of the instance, for as long as a message about it is in work', () => {
    const { teller, known } = setUp();
    expect(known()).toEqual({ metadata: { region: 'eu-west-1' } });
    teller.began(message('m-1'), [event]);
    teller.instance(event, ours);
    expect(known()).toMatchObject({
      metadata: { instanceId: 'i-1', region: 'eu-west-1' },
      instanceType: 'm6i.large',
      isManaged: true,
    });
    teller.settled(message('m-1'), handled);
    expect(known()).toEqual({ metadata: { region: 'eu-west-1' } });
  });

  it('is not forgotten with the first of two messages about one event', () => {
    const { teller, known } = setUp();
    teller.began(message('m-1'), [event]);
    teller.began(message('m-2'), [event]);
    teller.instance(event, ours);
    teller.settled(message('m-1'), handled);
    expect(known()).toMatchObject({ metadata: { instanceId: 'i-1' } });
    teller.notSettled(message('m-2'), new Error('down'));
    expect(known()).toEqual({ metadata: { region: 'eu-west-1' } });
  });

  it('is that it was deleted, or why it will come again', () => {
    const { teller, tell, log } = setUp();
    teller.began(message('m-1'), [event]);
    teller.settled(message('m-1'), handled);
    expect(tell.mock.calls.map(([step]) => step as unknown)).toMatchObject([
      { type: 'completed', action: 'message deleted', node: { name: 'node-1' } },
    ]);
    teller.began(message('m-2'), [event]);
    teller.settled(message('m-2'), { action: 'return', outcome: 'failed', afterSeconds: 5 });
    expect(tell).toHaveBeenCalledTimes(1);
    teller.began(message('m-3'), [event]);
    teller.notSettled(message('m-3'), new Error('down', { cause: new Error('no route') }));
    expect(tell.mock.lastCall?.[0]).toMatchObject({ type: 'completion-failed', reason: 'down: no route' });
    expect(log.error).toHaveBeenCalledTimes(1);
  });

  it('is why it is tried again, and why it is not for this cluster', () => {
    const { teller, log } = setUp();
    teller.ended(message('m-1'), [{ status: 'retry', outcome: 'failed', reason: 'down' }, { status: 'handed-back' }]);
    expect(log.warn.mock.calls).toEqual([[{ 'message-id': 'm-1', reason: 'down' }, 'the message will be tried again']]);
    teller.instance(event, { status: 'not-ours', reason: 'no tag' });
    expect(log.info).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: 'no tag' }),
      'event is not for this cluster',
    );
  });

  it('is that several nodes claim its instance, and that no node is left of it', () => {
    const { teller, log } = setUp();
    const nodes = ['node-1', 'node-2'].map((name) => ({ name }) as FoundNode);
    teller.instance(event, { ...ours, nodes: nodes.slice(1) });
    expect(log.warn).not.toHaveBeenCalled();
    teller.instance(event, { ...ours, nodes });
    expect(log.warn.mock.lastCall?.[0]).toMatchObject({ nodes: 'node-1, node-2' });
    teller.instance(event, { status: 'nothing-to-do', reason: 'terminated', completesHook: true });
    expect(log.info.mock.lastCall?.[0]).toMatchObject({ reason: 'terminated' });
    teller.instance(event, { status: 'unknown', reason: 'throttled' });
    expect([log.info, log.warn].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('is, for those who look closely, that it is history', () => {
    const { teller, log } = setUp();
    teller.history(event, 'it runs again');
    expect(log.debug).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ 'instance-id': 'i-1', reason: 'it runs again' }),
      'event is history',
    );
  });

  it('is how its lifecycle action ended', () => {
    const { teller, log } = setUp();
    teller.lifecycle(event, 'completed');
    teller.lifecycle(event, 'already-completed');
    teller.lifecycle(event, new Error('throttled'));
    expect(log.info.mock.calls.map(([, text]) => text as string)).toEqual([
      'lifecycle action completed',
      'lifecycle action had been completed already',
    ]);
    expect(log.error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ err: new Error('throttled') }),
      expect.any(String),
    );
  });
});
