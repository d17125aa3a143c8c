import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { Queue } from './queue.ts';
import type { QueueMessage } from './queue.ts';

const url = 'https://sqs.eu-west-1.amazonaws.com/1/q';
const message = (id: string): QueueMessage => ({ id, body: '', receiptHandle: `receipt of ${id}`, receiveCount: 1 });

interface Batch {
  readonly input: { readonly Entries?: readonly Readonly<Record<string, unknown>>[] };
}

function setUp(answer: (command: Batch) => unknown = () => ({})) {
  const clock = new VirtualClock();
  const send = vi.fn((command: Batch) => Promise.resolve(answer(command)));
  return { clock, send, queue: new Queue({ send }, url, clock) };
}

describe('the calls of a queue', () => {
  it('name up to ten messages each, and wait a moment for more', async () => {
    const { clock, send, queue } = setUp();
    const deletions = Array.from({ length: 25 }, (_, index) => queue.delete(message(String(index))));
    const changes = [queue.changeVisibility(message('a'), 0), queue.changeVisibility(message('b'), 20)];
    await clock.run(Promise.all([...deletions, ...changes]));
    expect(send.mock.calls.map(([{ input }]) => input.Entries?.length)).toEqual([10, 10, 5, 2]);
    expect(send.mock.calls[0]?.[0]).toBeInstanceOf(DeleteMessageBatchCommand);
    expect(send.mock.calls[3]?.[0].input).toEqual({
      QueueUrl: url,
      Entries: [
        { Id: '0', ReceiptHandle: 'receipt of a', VisibilityTimeout: 0 },
        { Id: '1', ReceiptHandle: 'receipt of b', VisibilityTimeout: 20 },
      ],
    });
    expect(clock.timers).toBe(0);
  });

  it('end for each message by itself: done, gone, or refused with the reason', async () => {
    const Failed = [
      { Id: '1', SenderFault: true, Code: 'ReceiptHandleIsInvalid' },
      { Id: '2', SenderFault: true, Code: 'AccessDenied', Message: 'no policy allows it' },
    ];
    const { clock, queue } = setUp(() => ({ Failed }));
    const ends = Promise.allSettled(['a', 'b', 'c'].map((id) => queue.changeVisibility(message(id), 5)));
    expect(await clock.run(ends)).toEqual([
      { status: 'fulfilled', value: 'done' },
      { status: 'fulfilled', value: 'gone' },
      { status: 'rejected', reason: new Error('SQS refused: AccessDenied (no policy allows it)') },
    ]);
    const gone = queue.delete(message('a'));
    await clock.run(gone);
  });

  it('fail for all whom they name when the service does, and are made anew for the next', async () => {
    let isDown = true;
    const { clock, send, queue } = setUp(() => {
      if (isDown) throw new Error('down');
      return {};
    });
    await expect(clock.run(Promise.all([queue.delete(message('a')), queue.delete(message('b'))]))).rejects.toThrow(
      'down',
    );
    isDown = false;
    await clock.run(queue.delete(message('a')));
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('say whether messages are moved away that are received too often', async () => {
    expect(await setUp(() => ({ Attributes: { RedrivePolicy: '{}' } })).queue.hasRedrivePolicy()).toBe(true);
    expect(await setUp(() => ({ Attributes: {} })).queue.hasRedrivePolicy()).toBe(false);
  });
});
