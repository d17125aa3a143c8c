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
const message = (id: string): QueueMessage => ({ id, receiptHandle: id, receiveCount: 1 });
const metadata = { instanceId: 'i-1', instanceType: 'm6i.large', accountId: '123456789012' };
const instance = { id: 'i-1', metadata } as DescribedInstance;
const ours = { status: 'ours', instance, nodes: [] } as const;
const handled = { action: 'delete', outcome: 'handled' } as const;

function setUp(dryRun = false) {
  const tell = vi.fn();
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const nodes = { find: () => ({ name: 'node-1' }) as FoundNode };
  const clock = new VirtualClock();
  const teller = createTeller({ telling: { tell }, nodes, region: 'eu-west-1', log, clock, dryRun });
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
      metadata: { instanceId: 'i-1', region: 'eu-west-1', instanceType: 'm6i.large' },
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

  it('is why it is tried again or left, and why it is not for this cluster: one line for all events that ended so (S9)', () => {
    const { teller, log } = setUp();
    const retry = { status: 'retry', outcome: 'failed', reason: 'down' } as const;
    teller.ended(message('m-1'), [event, event], [retry, { status: 'handed-back' }]);
    expect(log.warn.mock.calls).toEqual([
      [
        { 'message-id': 'm-1', 'event-id': 'e-1', 'instance-id': 'i-1', reason: 'down' },
        'the message will be tried again',
      ],
    ]);
    const foreign = { status: 'finished', outcome: 'not_managed', reason: 'no tag' } as const;
    const many = Array.from({ length: 1_000 });
    teller.ended(
      message('m-2'),
      many.map(() => event),
      many.map(() => foreign),
    );
    expect(log.info).toHaveBeenCalledExactlyOnceWith(
      { 'message-id': 'm-2', events: 1_000, reason: 'no tag' },
      'event is not for this cluster',
    );
    teller.ended(message('m-3'), [event], [{ status: 'left', isUnknown: true, reason: 'no node' }]);
    expect(log.warn.mock.lastCall?.[1]).toContain('left to the queue');
  });

  it('is that it stays in hand, and why', () => {
    const { teller, log } = setUp();
    teller.waits(message('m-1'), event, 'EC2 in eu-west-1 knows no instance i-1');
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ 'message-id': 'm-1', reason: 'EC2 in eu-west-1 knows no instance i-1' }),
      expect.stringContaining('stays in hand'),
    );
  });

  it('is that several nodes claim its instance, and that no node is left of it', () => {
    const { teller, log } = setUp();
    const nodes = ['node-1', 'node-2'].map((name) => ({ name }) as FoundNode);
    teller.instance(event, { ...ours, nodes: nodes.slice(1) });
    expect(log.warn).not.toHaveBeenCalled();
    teller.instance(event, { ...ours, nodes });
    expect(log.warn.mock.lastCall?.[0]).toMatchObject({ nodes: 'node-1, node-2' });
    teller.instance(event, { status: 'unknown', reason: 'throttled' });
    teller.ended(
      message('m-1'),
      [event],
      [{ status: 'finished', outcome: 'not_actionable', reason: 'the instance is terminated' }],
    );
    expect(log.info).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: 'the instance is terminated' }),
      'event is about an instance that is no node any more',
    );
    expect(log.warn).toHaveBeenCalledTimes(1);
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
    for (let time = 0; time < 3; time += 1) teller.lifecycle(event, new Error('throttled'));
    teller.lifecycle(event, 'completed');
    expect(log.info.mock.calls.map(([, text]) => text as string)).toEqual([
      'lifecycle action completed',
      'lifecycle action had been completed already',
      'lifecycle actions can be completed again',
      'lifecycle action completed',
    ]);
    expect(log.error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ err: new Error('throttled'), 'instance-id': 'i-1', advice: expect.any(String) }),
      expect.any(String),
    );
  });

  it('is what its hook was given though pods are left', () => {
    const { teller, tell } = setUp();
    teller.forced(event, 'ABANDON');
    expect(tell.mock.calls.map(([step]) => step as unknown)).toMatchObject([
      { type: 'completed', action: 'lifecycle hook given ABANDON though pods are left', podsLeft: true },
    ]);
  });

  it('is in a dry run what would become of its message', () => {
    const { teller, tell, log } = setUp(true);
    for (const outcome of ['handled', 'carried'] as const) {
      teller.began(message(outcome), [event]);
      teller.settled(message(outcome), { action: 'delete', outcome });
    }
    expect(tell.mock.calls.map(([step]) => step as unknown)).toMatchObject([{ action: 'message would be deleted' }]);
    expect(log.info.mock.calls.map(([, text]) => text as string)).toEqual([
      'message would be deleted: the record on its node would carry what is still to be done',
    ]);
  });
});
