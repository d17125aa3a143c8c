import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { MessagesInHand } from './in-hand.ts';
import type { BatchEnd, QueueMessage } from './queue.ts';
import { keepInvisible } from './visibility.ts';

const message = (id: string): QueueMessage => ({ id, receiptHandle: id, receiveCount: 1 });

function setUp() {
  const clock = new VirtualClock();
  const health = createHealth({ clock });
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: 'json',
    destination: { write: (text) => lines.push(JSON.parse(text) as Record<string, unknown>) },
  });
  const opened = new AsyncDisposableStack();
  const settings = { sqsMsgVisibilityTimeoutSeconds: 30 };
  const inHand = new MessagesInHand();
  const changeVisibility = vi.fn((_message: QueueMessage, _seconds: number) => Promise.resolve<BatchEnd>('done'));
  const keepHidden = keepInvisible({ changeVisibility }, inHand, {
    clock,
    health,
    log,
    opened,
    settings,
  } as unknown as Parameters<typeof keepInvisible>[2]);
  return { clock, health, lines, opened, inHand, changeVisibility, keepHidden };
}

describe('the messages in work', () => {
  it('are kept invisible at each third of the timeout, until they are done', async () => {
    const { clock, opened, inHand, changeVisibility, keepHidden } = setUp();
    inHand.add(message('a'));
    expect(await keepHidden()).toBe(true);
    expect(changeVisibility.mock.calls).toEqual([[message('a'), 30]]);
    changeVisibility.mockClear();
    inHand.add(message('b'));
    await clock.advance(20_000);
    expect(changeVisibility.mock.calls).toEqual(['a', 'b', 'a', 'b'].map((id) => [message(id), 30]));
    await inHand.settle(message('a'), () => Promise.resolve());
    await clock.advance(10_000);
    expect(changeVisibility).toHaveBeenCalledTimes(5);
    await opened.disposeAsync();
    expect(clock.timers).toBe(0);
  });

  it('are tried again at the next round when that fails, which is said once', async () => {
    const { clock, health, keepHidden, lines, opened, inHand, changeVisibility } = setUp();
    inHand.add(message('a'));
    changeVisibility.mockRejectedValue(new Error('AccessDenied'));
    await clock.advance(60_000);
    expect(changeVisibility).toHaveBeenCalledTimes(6);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: 'a message could not be kept invisible (sqs:ChangeMessageVisibility)',
        error: 'AccessDenied',
      },
    ]);
    expect(health.status().alive).toBe(true);
    expect(await keepHidden()).toBe(false);
    changeVisibility.mockResolvedValue('done');
    await clock.advance(10_000);
    expect(await keepHidden()).toBe(true);
    expect(lines.at(-1)).toMatchObject({ level: 'info', 'lasts-seconds': 60 });
    await opened.disposeAsync();
  });

  it('are never extended by two rounds at once, and a round that never ends is the death of the process', async () => {
    const { clock, health, opened, inHand, changeVisibility } = setUp();
    inHand.add(message('a'));
    changeVisibility.mockReturnValue(new Promise<never>(() => undefined));
    await clock.advance(100_000);
    expect(changeVisibility).toHaveBeenCalledTimes(1);
    expect(health.status().alive).toBe(true);
    await clock.advance(1);
    expect(health.status().alive).toBe(false);
    await opened.disposeAsync();
  });

  it('that somebody else has, or deleted, are said and extended no more (C10)', async () => {
    const { clock, lines, opened, inHand, changeVisibility } = setUp();
    inHand.add(message('a'));
    changeVisibility.mockResolvedValue('gone');
    await clock.advance(60_000);
    expect(changeVisibility).toHaveBeenCalledTimes(1);
    expect(lines).toMatchObject([{ level: 'warn', 'message-id': 'a' }]);
    await opened.disposeAsync();
  });

  it('are shown at once after the twelve hours that SQS allows, and extended again with their next delivery (C16)', async () => {
    const { clock, lines, opened, inHand, changeVisibility } = setUp();
    inHand.add(message('a'));
    changeVisibility.mockResolvedValueOnce('beyond-limit');
    await clock.advance(30_000);
    expect(changeVisibility.mock.calls.map(([, seconds]) => seconds)).toEqual([30, 0]);
    expect(lines).toMatchObject([{ level: 'info', 'message-id': 'a' }]);
    inHand.add({ ...message('a'), receiptHandle: 'next', receiveCount: 2 });
    await clock.advance(10_000);
    expect(changeVisibility.mock.calls.at(-1)).toEqual([
      { ...message('a'), receiptHandle: 'next', receiveCount: 2 },
      30,
    ]);
    await opened.disposeAsync();
  });
});
