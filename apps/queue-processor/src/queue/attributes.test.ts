import { SQSServiceException } from '@aws-sdk/client-sqs';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { attributesReader, poisonPolicy, tellAttributes } from './attributes.ts';
import type { QueueAttributes } from './attributes.ts';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/q';
const arn = 'arn:aws:sqs:eu-west-1:123456789012:q-dead';
const redrive = { deadLetterQueue: arn, maxReceiveCount: 20 };
const reads = (attributes: QueueAttributes) => vi.fn(() => Promise.resolve(attributes));
const denied = new SQSServiceException({
  ...{ name: 'AccessDeniedException', message: 'not authorized', $fault: 'client', $metadata: {} },
});

describe('the attributes of a queue', () => {
  const read = (Attributes: Readonly<Record<string, string>> | undefined) => {
    const send = vi.fn(() => Promise.resolve({ Attributes }));
    return attributesReader({ send }, queueUrl)();
  };

  it('say where messages go, and how long they are kept', async () => {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: '20' });
    expect(await read({ RedrivePolicy, MessageRetentionPeriod: '1209600' })).toEqual({
      redrive,
      retentionSeconds: 1_209_600,
    });
    expect(await read({ MessageRetentionPeriod: '60' })).toEqual({ retentionSeconds: 60 });
    expect(await read({ RedrivePolicy: '' })).toEqual({});
    expect(await read(undefined)).toEqual({});
    for (const policy of ['{', 'null', '[]'])
      expect((await read({ RedrivePolicy: policy })).redrive?.maxReceiveCount).toBe(0);
  });

  it('are read once, and again after a failure', async () => {
    const send = vi.fn(() => Promise.resolve({ Attributes: {} }));
    send.mockRejectedValueOnce(new Error('down'));
    const readAttributes = attributesReader({ send }, queueUrl);
    await expect(readAttributes()).rejects.toThrow('down');
    await Promise.all([readAttributes(), readAttributes()]);
    expect(send).toHaveBeenCalledTimes(2);
  });
});

describe('what is said of the queue at the start', () => {
  const tell = async (readAttributes: () => Promise<QueueAttributes>, dryRun = false) => {
    const clock = new VirtualClock();
    const log = { info: vi.fn(), warn: vi.fn() };
    const stop = new AbortController();
    const settings = { dryRun, poisonMessages: undefined, queueUrl };
    const told = tellAttributes({ readAttributes, settings, clock, log }, stop.signal);
    await clock.advance(60_000);
    stop.abort();
    await clock.run(told);
    expect(clock.timers).toBe(0);
    return { info: log.info.mock.calls, warn: log.warn.mock.calls.map(([, text]) => text as string) };
  };

  it('names the dead-letter queue, or that there is none', async () => {
    const { info, warn } = await tell(reads({ redrive, retentionSeconds: 1_209_600 }));
    expect(info).toEqual([
      [
        expect.objectContaining({ 'dead-letter-queue': arn, 'max-receive-count': 20 }),
        'the queue has a dead-letter queue',
      ],
    ]);
    expect(warn).toEqual([]);
    expect((await tell(reads({ retentionSeconds: 172_800 }))).info).toEqual([
      [expect.anything(), 'the queue has no dead-letter queue'],
    ]);
  });

  it('warns of a retention that is shorter than what may wait, with the number to set', async () => {
    expect((await tell(reads({ retentionSeconds: 172_799 }))).warn).toEqual([
      expect.stringMatching(/MessageRetentionPeriod to 1209600$/),
    ]);
    expect((await tell(reads({ retentionSeconds: 172_800 }))).warn).toEqual([]);
  });

  it('warns of a dry run on a queue that moves messages away', async () => {
    const attributes = { redrive, retentionSeconds: 1_209_600 };
    expect((await tell(reads(attributes), true)).warn).toEqual([expect.stringContaining('dry run')]);
    expect((await tell(reads({ retentionSeconds: 1_209_600 }), true)).warn).toEqual([]);
  });

  it('is that the right to ask is missing, once, and what is lost without it; another failure is tried again', async () => {
    const refused = vi.fn(() => Promise.reject(denied));
    expect((await tell(refused)).warn).toEqual([expect.stringContaining('sqs:GetQueueAttributes')]);
    expect(refused).toHaveBeenCalledTimes(1);
    const flaky = reads({});
    flaky.mockRejectedValueOnce(new Error('down'));
    expect(await tell(flaky)).toMatchObject({
      warn: [],
      info: [[expect.anything(), 'the queue has no dead-letter queue']],
    });
    expect(await tell(() => Promise.reject(new Error('down')))).toEqual({ info: [], warn: [] });
  });
});

describe('a body that cannot be understood', () => {
  it('is left where the queue moves such messages away, which is named', async () => {
    for (const setting of [undefined, 'leave'] as const)
      expect(await poisonPolicy(setting, reads({ redrive }))).toEqual({
        action: 'leave',
        words: `it is left, and goes to ${arn} when it was received 20 times`,
      });
  });

  it('is deleted without a dead-letter queue, and as the setting says', async () => {
    expect(await poisonPolicy(undefined, reads({}))).toMatchObject({
      action: 'delete',
      words: expect.stringContaining('no dead-letter') as string,
    });
    expect(await poisonPolicy('leave', reads({}))).toMatchObject({ action: 'leave' });
    const unasked = reads({ redrive });
    expect(await poisonPolicy('delete', unasked)).toMatchObject({ action: 'delete' });
    expect(unasked).not.toHaveBeenCalled();
  });

  it('is left when that cannot be found out', async () => {
    const policy = await poisonPolicy(undefined, () => Promise.reject(denied));
    expect(policy).toMatchObject({ action: 'leave', words: expect.stringContaining('not authorized') as string });
  });
});
