import { describe, expect, it, vi } from 'vitest';
import { MessagesInHand } from './in-hand.ts';
import type { QueueMessage } from './queue.ts';

const message = (id: string, receiptHandle = 'first'): QueueMessage => ({ id, receiptHandle, receiveCount: 1 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A write that ends when the test says so. */
function slowWrite() {
  const end = Promise.withResolvers<'kept' | 'lost'>();
  return { write: vi.fn(() => end.promise), end: end.resolve, fail: end.reject };
}

describe('the messages in hand', () => {
  it('know a second delivery, and go by its receipt', async () => {
    const inHand = new MessagesInHand();
    expect(inHand.add(message('a'))).toEqual({ isNew: true });
    expect(inHand.add(message('a', 'second'))).toEqual({ isNew: false });
    expect(inHand.size).toBe(1);
    const write = vi.fn(() => Promise.resolve());
    await inHand.settle(message('a'), write);
    expect(write).toHaveBeenCalledExactlyOnceWith(message('a', 'second'));
    expect([inHand.size, inHand.add(message('a'))]).toEqual([0, { isNew: true }]);
  });

  it('are given back only after what is being written about them has ended, and nothing is written after it (C10)', async () => {
    const inHand = new MessagesInHand();
    inHand.add(message('a'));
    const { write, end } = slowWrite();
    const round = inHand.writeAll(write);
    await turn();
    const settle = vi.fn(() => Promise.resolve());
    const settled = inHand.settle(message('a'), settle);
    const later = vi.fn(() => Promise.resolve('kept' as const));
    const next = inHand.writeAll(later);
    await turn();
    expect([write.mock.calls.length, settle.mock.calls.length]).toEqual([1, 0]);
    end('kept');
    await Promise.all([round, settled, next]);
    expect([settle.mock.calls.length, later.mock.calls.length]).toEqual([1, 0]);
  });

  it('are settled once more with a delivery that comes meanwhile', async () => {
    const inHand = new MessagesInHand();
    inHand.add(message('a'));
    const handles: string[] = [];
    await inHand.settle(message('a'), ({ receiptHandle }) => {
      handles.push(receiptHandle);
      if (receiptHandle === 'first') inHand.add(message('a', 'second'));
      return Promise.resolve();
    });
    expect(handles).toEqual(['first', 'second']);
  });

  it('that are lost are passed over until they are delivered again', async () => {
    const inHand = new MessagesInHand();
    inHand.add(message('a'));
    const write = vi.fn(() => Promise.resolve<'kept' | 'lost'>('lost'));
    await inHand.writeAll(write);
    await inHand.writeAll(write);
    expect(write).toHaveBeenCalledTimes(1);
    inHand.add(message('a', 'second'));
    await inHand.writeAll(write);
    expect(write).toHaveBeenLastCalledWith(message('a', 'second'));
    // A delivery that came while the older one was found lost is none of it.
    inHand.add(message('a', 'third'));
    const { write: slow, end } = slowWrite();
    const round = inHand.writeAll(slow);
    await turn();
    inHand.add(message('a', 'fourth'));
    end('lost');
    await round;
    await inHand.writeAll(write);
    expect(write).toHaveBeenLastCalledWith(message('a', 'fourth'));
  });

  it('that cannot be written about stay, and are let go of when they cannot be settled', async () => {
    const inHand = new MessagesInHand();
    inHand.add(message('a'));
    const down = new Error('down');
    expect(await inHand.writeAll(() => Promise.reject(down))).toEqual([down]);
    await expect(inHand.settle(message('a'), () => Promise.reject(down))).rejects.toBe(down);
    expect(inHand.size).toBe(0);
    await inHand.settle(message('a'), () => Promise.reject(down));
  });

  it('are waited for until there are none', async () => {
    const inHand = new MessagesInHand();
    await inHand.empty();
    inHand.add(message('a'));
    inHand.add(message('b'));
    const settle = (id: string) => inHand.settle(message(id), () => Promise.resolve());
    let isEmpty = false;
    const empty = inHand.empty().then(() => (isEmpty = true));
    await settle('a');
    await turn();
    expect(isEmpty).toBe(false);
    await settle('b');
    await empty;
  });
});
