import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { Queue } from './queue.ts';
import type { QueueMessage } from './queue.ts';

const url = 'https://sqs.eu-west-1.amazonaws.com/1/q';
const message = (id: string): QueueMessage => ({ id, receiptHandle: `receipt of ${id}`, receiveCount: 1 });

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

  it.each([
    ['ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 'gone'],
    ['MessageNotInflight', undefined, 'gone'],
    ['AWS.SimpleQueueService.MessageNotInflight', undefined, 'gone'],
    [
      'InvalidParameterValue',
      'Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
      'gone',
    ],
    [
      'InvalidParameterValue',
      'Value AQEB for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.',
      'gone',
    ],
    [
      'InvalidParameterValue',
      'Value 20 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
      'beyond-limit',
    ],
  ] as const)('know what is meant by %s: %s (C16)', async (Code, Message, end) => {
    const Failed = [{ Id: '0', SenderFault: true, Code, ...(Message === undefined ? {} : { Message }) }];
    const { clock, queue } = setUp(() => ({ Failed }));
    expect(await clock.run(queue.changeVisibility(message('a'), 20))).toBe(end);
  });

  it('take no other refusal of a value for a message that is gone (C16)', async () => {
    const Message = 'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.';
    const { clock, queue } = setUp(() => ({
      Failed: [{ Id: '0', SenderFault: true, Code: 'InvalidParameterValue', Message }],
    }));
    await expect(clock.run(queue.changeVisibility(message('a'), 43_201))).rejects.toThrow('Must be between');
  });
});
