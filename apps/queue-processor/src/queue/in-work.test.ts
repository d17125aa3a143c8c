import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MessagesInWork } from './in-work.ts';
import type { QueueMessage } from './queue.ts';

const message = (id: string, receiptHandle = 'r'): QueueMessage => ({ id, body: '', receiptHandle, receiveCount: 1 });

describe('the messages in work', () => {
  it('know a second delivery, and go by its receipt', () => {
    const inWork = new MessagesInWork(2);
    expect(inWork.add(message('a', 'first'))).toEqual({ isNew: true });
    expect(inWork.add(message('a', 'second'))).toEqual({ isNew: false });
    expect(inWork.latest(message('a', 'first')).receiptHandle).toBe('second');
    expect(inWork.list()).toHaveLength(1);
    inWork.remove(message('a'));
    expect(inWork.latest(message('a', 'first')).receiptHandle).toBe('first');
  });

  it('are full at their limit, until one is done', async () => {
    const inWork = new MessagesInWork(2);
    inWork.add(message('a'));
    expect(inWork.isFull).toBe(false);
    inWork.add(message('b'));
    expect(inWork.isFull).toBe(true);
    const fewer = inWork.fewer();
    inWork.remove(message('unknown'));
    inWork.remove(message('b'));
    await fewer;
    expect(inWork.isFull).toBe(false);
  });

  it('are waited for until there are none', async () => {
    const inWork = new MessagesInWork(2);
    await inWork.empty();
    inWork.add(message('a'));
    inWork.add(message('b'));
    let isEmpty = false;
    const empty = inWork.empty().then(() => (isEmpty = true));
    inWork.remove(message('a'));
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    inWork.remove(message('b'));
    await empty;
  });

  it('are waited for no longer than a signal allows, which keeps no listener', async () => {
    const inWork = new MessagesInWork(1);
    inWork.add(message('a'));
    const stop = new AbortController();
    const waiting = inWork.fewer(stop.signal);
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
