import { getEventListeners } from 'node:events';
import type { Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { sleep } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createHealth } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { MessagesInHand } from './in-hand.ts';
import { POLL_WITHIN_MS, receiveMessages, ROUND_WITHIN_MS } from './receive.ts';
import type { ReceiveOptions } from './receive.ts';
import { receiverReports } from './receiver-health.ts';
import type { ReceivedMessage } from './queue.ts';

type Send = (
  command: ReceiveMessageCommand,
  options: { readonly abortSignal: AbortSignal },
) => Promise<{ Messages?: Message[] }>;

const settings = { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', sqsMsgVisibilityTimeoutSeconds: 20 };
const none = Promise.resolve({});
const inQueue = (id: string): Message => ({
  MessageId: id,
  ReceiptHandle: `receipt of ${id}`,
  Body: '{}',
  Attributes: { SentTimestamp: '1767323045000', ApproximateReceiveCount: '3' },
});

/** A receiver of a queue that answers as a test says. */
function start(send: Send, clock = new VirtualClock(), own: Partial<ReceiveOptions> = {}) {
  const health = createHealth({ clock });
  const monitors = { started: vi.fn(), succeeded: vi.fn(), failed: vi.fn() };
  const report = receiverReports({ health, telling: { monitors } } as unknown as Parameters<typeof receiverReports>[0])(
    1,
  );
  const stop = new AbortController();
  const sqs = { send } as unknown as Pick<SQSClient, 'send'>;
  const received: ReceivedMessage[] = [];
  const inHand = new MessagesInHand();
  const keepHidden = vi.fn(() => Promise.resolve(inHand.size > 0));
  const ended = (async () => {
    const options = { settings, inHand, keepHidden, report, clock, signal: stop.signal, ...own };
    for await (const batch of receiveMessages(sqs, options)) {
      received.push(...batch);
      for (const message of batch) inHand.add(message);
    }
  })();
  return { clock, health, inHand, keepHidden, monitors, stop, received, ended };
}

/** Ends a receiver, and looks what it left behind. */
async function end({ clock, stop, ended }: ReturnType<typeof start>): Promise<void> {
  stop.abort();
  await clock.run(ended);
  expect([clock.timers, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0]);
}

describe('a receiver', () => {
  it('polls long, one batch after the other, and keeps what it is told of a message', async () => {
    const batches = [[], [inQueue('a'), { ReceiptHandle: 'of nothing' }], [inQueue('b')]];
    const waits: (number | undefined)[] = [];
    const hidden: (number | undefined)[] = [];
    const send = vi.fn<Send>(({ input }, { abortSignal }) => {
      waits.push(input.WaitTimeSeconds);
      expect(input).toMatchObject({ QueueUrl: settings.queueUrl, MaxNumberOfMessages: 10 });
      hidden.push(input.VisibilityTimeout);
      const Messages = batches.shift();
      return Messages === undefined
        ? sleep(clock, 20_000, abortSignal).then(() => none)
        : Promise.resolve({ Messages });
    });
    const clock = new VirtualClock();
    const receiver = start(send, clock);
    await clock.advance(100_000);
    // While messages are in hand, polls are short: they can go back when no poll of our own brings them again.
    expect(waits.slice(0, 3)).toEqual([1, 20, 5]);
    // What a poll brings that is given up at a stop is soon visible again; what was received is hidden for longer at once.
    expect(hidden.slice(0, 3)).toEqual([10, 10, 20]);
    expect(await Promise.all(receiver.keepHidden.mock.results.map(({ value }) => value as unknown))).toEqual([true]);
    expect(receiver.received).toEqual(
      ['a', 'b'].map((id) => ({
        id,
        body: '{}',
        receiptHandle: `receipt of ${id}`,
        receiveCount: 3,
        sentAt: new Date(1767323045000),
      })),
    );
    await end(receiver);
  });

  it('asks briefly for as long as it is not known whether the queue answers', async () => {
    const clock = new VirtualClock();
    const waits: (number | undefined)[] = [];
    const receiver = start(({ input: { WaitTimeSeconds = 0 } }, { abortSignal }) => {
      waits.push(WaitTimeSeconds);
      if (waits.length === 3) return Promise.reject(new Error('down'));
      return sleep(clock, WaitTimeSeconds * 1000, abortSignal).then(() => none);
    }, clock);
    await clock.advance(1_000);
    expect(receiver.health.status().ready).toBe(true);
    await clock.advance(50_000);
    expect(waits).toEqual([1, 20, 20, 1, 20, 20]);
    await end(receiver);
  });

  it('tries again after growing pauses, and never gives up', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const receiver = start(() => {
      at.push(clock.monotonic());
      return Promise.reject(new Error('down'));
    }, clock);
    await clock.advance(600_000);
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(pauses[0]).toBeLessThanOrEqual(600);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(24_000);
    expect(Math.min(...pauses.slice(8))).toBeGreaterThanOrEqual(16_000);
    expect(receiver.monitors.failed).toHaveBeenLastCalledWith('SQS_MONITOR', new Error('down'));
    await end(receiver);
  });

  it('ends at once when it is told to stop with nothing in hand', async () => {
    const clock = new VirtualClock();
    const aborted: number[] = [];
    let polls = 0;
    const receiver = start((_command, { abortSignal }) => {
      polls += 1;
      if (polls === 1) return Promise.resolve({});
      abortSignal.addEventListener('abort', () => aborted.push(clock.monotonic()));
      return new Promise<never>(() => undefined);
    }, clock);
    await clock.advance(1_000);
    await end(receiver);
    expect(aborted).toEqual([1_000]);
  });

  /** A receiver that has something in hand, and whose polls then do what a test says. */
  const atWork = async (then: (clock: VirtualClock, signal: AbortSignal) => ReturnType<Send>) => {
    const clock = new VirtualClock();
    let polls = 0;
    const receiver = start((_command, { abortSignal }) => {
      polls += 1;
      return polls === 1 ? Promise.resolve({ Messages: [inQueue('first')] }) : then(clock, abortSignal);
    }, clock);
    await clock.advance(1_000);
    await end(receiver);
    return { clock, polls, received: receiver.received.map(({ id }) => id) };
  };

  it('lets a poll under way end when it is told to stop at work, and gives up one that does not end by itself', async () => {
    const aborted: number[] = [];
    await atWork((clock, signal) => {
      signal.addEventListener('abort', () => aborted.push(clock.monotonic()));
      return new Promise<never>(() => undefined);
    });
    expect(aborted).toEqual([8_000]);
  });

  it('takes what a poll at work brings at its very end', async () => {
    const { polls, received } = await atWork((clock, signal) =>
      sleep(clock, 5_000, signal).then(() => ({ Messages: [inQueue('a')] })),
    );
    expect([received, polls]).toEqual([['first', 'a'], 2]);
  });

  it('is not given up at once where it hides what it brings for as long as is set', async () => {
    const clock = new VirtualClock();
    const aborted: number[] = [];
    const send: Send = (_command, { abortSignal }) => {
      abortSignal.addEventListener('abort', () => aborted.push(clock.monotonic()));
      return new Promise<never>(() => undefined);
    };
    const receiver = start(send, clock, { keepHidden: undefined });
    await clock.advance(500);
    await end(receiver);
    expect(aborted).toEqual([500 + 1_000 + 2_000]);
  });

  it('hides what it brings for as long as is set where it cannot be hidden anew, for want of the right, until it can', async () => {
    const hidden: (number | undefined)[] = [];
    const clock = new VirtualClock();
    let isAllowed = false;
    let polls = 0;
    const inHand = new MessagesInHand();
    const send: Send = async ({ input }, { abortSignal }) => {
      hidden.push(input.VisibilityTimeout);
      await sleep(clock, 1_000, abortSignal);
      polls += 1;
      return { Messages: [inQueue(String(polls))] };
    };
    const keepHidden = async () => {
      for (let id = 1; id <= polls; id += 1)
        await inHand.settle({ id: String(id), receiptHandle: '', receiveCount: 1 }, () => Promise.resolve());
      return isAllowed;
    };
    const receiver = start(send, clock, { inHand, keepHidden });
    await clock.advance(2_500);
    isAllowed = true;
    await clock.advance(2_000);
    await end(receiver);
    // What comes of it is known when the next poll has begun.
    expect(hidden).toEqual([10, 10, 20, 20, 10]);
  });

  it('hides what it brings for as long as is set in a dry run, which extends nothing', async () => {
    const hidden: (number | undefined)[] = [];
    const clock = new VirtualClock();
    const send: Send = ({ input }, { abortSignal }) => {
      hidden.push(input.VisibilityTimeout);
      return sleep(clock, 1_000, abortSignal).then(() => none);
    };
    for (const own of [{ keepHidden: undefined }, { settings: { ...settings, sqsMsgVisibilityTimeoutSeconds: 5 } }]) {
      const receiver = start(send, clock, own);
      await clock.advance(500);
      await end(receiver);
    }
    expect(hidden).toEqual([20, 5]);
  });
});

describe('the health of a receiver', () => {
  it('is alive and not ready while the queue is away, and says so', async () => {
    const { clock, health, stop, ended } = start(() => Promise.reject(new Error('connect ECONNREFUSED')));
    for (let minutes = 0; minutes < 30; minutes += 1) {
      await clock.advance(60_000);
      expect(health.status()).toMatchObject({ alive: true, ready: false });
    }
    expect(health.status().checks.find(({ name }) => name === 'queue of receiver 1')?.reason).toBe(
      'connect ECONNREFUSED',
    );
    stop.abort();
    await clock.run(ended);
  });

  it.each(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'])(
    'is not ready at once when the queue does not exist (%s), which is said with what to do, and ready when it is back',
    async (name) => {
      let isThere = false;
      const clock = new VirtualClock();
      const missing = Object.assign(new Error('The specified queue does not exist.'), { name });
      const receiver = start((_command, { abortSignal }) => {
        if (!isThere) return Promise.reject(missing);
        return sleep(clock, 20_000, abortSignal).then(() => none);
      }, clock);
      await clock.advance(1_000);
      expect(receiver.health.status()).toMatchObject({ alive: true, ready: false });
      expect(receiver.monitors.failed.mock.calls[0]?.[1]).toMatchObject({
        message: expect.stringContaining(`the queue ${settings.queueUrl} does not exist`) as string,
        cause: missing,
      });
      isThere = true;
      await clock.advance(60_000);
      expect(receiver.health.status().ready).toBe(true);
      await end(receiver);
    },
  );

  it('says what is to be done when too many messages are in flight', async () => {
    const receiver = start(() => Promise.reject(Object.assign(new Error('limit'), { name: 'OverLimit' })));
    await receiver.clock.advance(1_000);
    const [, error] = receiver.monitors.failed.mock.calls[0] ?? [];
    expect(error).toMatchObject({ message: expect.stringContaining('120,000') as string });
    await end(receiver);
  });

  it('is alive also when SQS takes every poll and never answers, and tells what the client says of it', async () => {
    const clock = new VirtualClock();
    const silent = new Error('SQS ReceiveMessage in eu-west-1 failed: no connection within 27000 ms; check …');
    const receiver = start(async (_command, { abortSignal }) => {
      await sleep(clock, POLL_WITHIN_MS, abortSignal);
      throw silent;
    }, clock);
    for (let minutes = 0; minutes < 30; minutes += 1) {
      await receiver.clock.advance(60_000);
      expect(receiver.health.status()).toMatchObject({ alive: true, ready: false });
    }
    expect(receiver.monitors.failed).toHaveBeenLastCalledWith('SQS_MONITOR', silent);
    await end(receiver);
  });

  it('is dead when its loop stands still, as when nobody takes what it received', async () => {
    const clock = new VirtualClock();
    const health = createHealth({ clock });
    const parts = { health, telling: { monitors: { succeeded: vi.fn() } } };
    const report = receiverReports(parts as unknown as Parameters<typeof receiverReports>[0])(1);
    const sqs = { send: () => Promise.resolve({ Messages: [inQueue('a')] }) } as unknown as Pick<SQSClient, 'send'>;
    const { signal } = new AbortController();
    const inHand = new MessagesInHand();
    await receiveMessages(sqs, { settings, inHand, report, clock, signal }).next();
    await clock.advance(ROUND_WITHIN_MS);
    expect(health.status().alive).toBe(true);
    await clock.advance(1);
    expect(health.status().alive).toBe(false);
  });
});

it('a million empty polls leave nothing behind that a thousand did not', { timeout: 60_000 }, async () => {
  const clock = new VirtualClock({ turns: 1 });
  const look = () => ({
    listeners: getEventListeners(receiver.stop.signal, 'abort').length,
    timers: clock.timers,
    checks: receiver.health.status().checks.length,
  });
  const handles: number[] = [];
  const looks: ReturnType<typeof look>[] = [];
  let polls = 0;
  const receiver = start((_command, { abortSignal }) => {
    polls += 1;
    // Time passes at some of them only: a million turns of the event loop would be the most of this test.
    if (polls % 1_000 > 0) return none;
    if (polls === 1_000 || polls === 1_000_000) {
      looks.push(look());
      handles.push(process.getActiveResourcesInfo().length);
    }
    if (polls === 1_000_000) receiver.stop.abort();
    return sleep(clock, 20_000, abortSignal).then(() => none);
  }, clock);
  await clock.run(receiver.ended);
  expect(polls).toBe(1_000_000);
  expect(looks).toEqual([
    { listeners: 1, timers: 0, checks: 2 },
    { listeners: 1, timers: 0, checks: 2 },
  ]);
  // Whatever runs the tests has some of its own, which come and go.
  expect(handles[1]).toBeLessThan((handles[0] ?? 0) + 10);
  expect(look()).toMatchObject({ listeners: 0, timers: 0 });
});
