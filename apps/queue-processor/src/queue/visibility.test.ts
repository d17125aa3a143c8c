import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { MessagesInWork } from './in-work.ts';
import type { QueueMessage } from './queue.ts';
import { keepInvisible } from './visibility.ts';

const message = (id: string): QueueMessage => ({ id, body: '', receiptHandle: id, receiveCount: 1 });

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
  const inWork = new MessagesInWork(10);
  const changeVisibility = vi.fn(() => Promise.resolve('done' as const));
  keepInvisible({ changeVisibility }, inWork, { clock, health, log, opened, settings } as unknown as Parameters<
    typeof keepInvisible
  >[2]);
  return { clock, health, lines, opened, inWork, changeVisibility };
}

describe('the messages in work', () => {
  it('are kept invisible at each third of the timeout, until they are done', async () => {
    const { clock, opened, inWork, changeVisibility } = setUp();
    inWork.add(message('a'));
    inWork.add(message('b'));
    await clock.advance(20_000);
    expect(changeVisibility.mock.calls).toEqual(['a', 'b', 'a', 'b'].map((id) => [message(id), 30]));
    inWork.remove(message('a'));
    await clock.advance(10_000);
    expect(changeVisibility).toHaveBeenCalledTimes(5);
    await opened.disposeAsync();
    expect(clock.timers).toBe(0);
  });

  it('are tried again at the next round when that fails, which is said once', async () => {
    const { clock, health, lines, opened, inWork, changeVisibility } = setUp();
    inWork.add(message('a'));
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
    changeVisibility.mockResolvedValue('done');
    await clock.advance(10_000);
    expect(lines.at(-1)).toMatchObject({ level: 'info', 'lasts-seconds': 60 });
    await opened.disposeAsync();
  });

  it('are never extended by two rounds at once, and a round that never ends is the death of the process', async () => {
    const { clock, health, opened, inWork, changeVisibility } = setUp();
    inWork.add(message('a'));
    changeVisibility.mockReturnValue(new Promise<never>(() => undefined));
    await clock.advance(100_000);
    expect(changeVisibility).toHaveBeenCalledTimes(1);
    expect(health.status().alive).toBe(true);
    await clock.advance(1);
    expect(health.status().alive).toBe(false);
    await opened.disposeAsync();
  });
});
