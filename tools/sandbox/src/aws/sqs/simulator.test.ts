import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsClients } from '../../testing/aws-clients.ts';
import { eventually } from '../../testing/eventually.ts';
import { startAws } from '../simulator.ts';
import type { AwsSimulator } from '../simulator.ts';

let aws: AwsSimulator;
let clients: ReturnType<typeof awsClients>;

beforeEach(async () => {
  aws = await startAws({ queue: { visibilityTimeoutSeconds: 20 } });
  clients = awsClients(aws.url);
});
afterEach(async () => {
  clients[Symbol.dispose]();
  await aws[Symbol.asyncDispose]();
});

async function receive(waitSeconds = 0, visibilitySeconds?: number) {
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: aws.queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}
const remove = (ReceiptHandle: string | undefined) =>
  clients.sqs.send(new DeleteMessageCommand({ QueueUrl: aws.queueUrl, ReceiptHandle }));
const show = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  clients.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: aws.queueUrl, ReceiptHandle, VisibilityTimeout }));

describe('the queue', () => {
  it('delivers what is sent, and forgets what is deleted', async () => {
    const messageId = await aws.sqs.send('{"hello":"world"}');
    const [message] = await receive();
    expect(message).toMatchObject({ MessageId: messageId, Body: '{"hello":"world"}' });
    expect(message?.Attributes?.ApproximateReceiveCount).toBe('1');
    expect(await aws.sqs.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await remove(message?.ReceiptHandle);
    expect(await aws.sqs.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('answers a long poll when something comes', async () => {
    const poll = receive(20);
    await eventually(() => aws.calls('sqs', 'ReceiveMessage').length === 1);
    await aws.sqs.send('late');
    expect((await poll).map(({ Body }) => Body)).toEqual(['late']);
  });

  it('ends polls when it is told to, and what they would have got comes to the next one', async () => {
    const poll = receive(20);
    await eventually(() => aws.calls('sqs', 'ReceiveMessage').length === 1);
    aws.sqs.endPolls();
    expect(await poll).toEqual([]);
    await aws.sqs.send('late');
    expect((await receive(20)).map(({ Body }) => Body)).toEqual(['late']);
  });

  it('carries a body of 256 KiB', async () => {
    await aws.sqs.send('x'.repeat(262_144));
    expect((await receive())[0]?.Body).toHaveLength(262_144);
  });

  it('is known by its name, at the sandbox’s own address', async () => {
    const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'interruptions' }));
    expect(QueueUrl).toBe(aws.queueUrl);
    expect((await clients.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([aws.queueUrl]);
  });

  it('moves a message that fails too often to the dead-letter queue', async () => {
    const queue = await aws.sqs.createQueue('strict', { redrive: { queue: 'dead', maxReceiveCount: 1 } });
    await aws.sqs.send('poison', { queue: 'strict' });
    const take = async () => clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, VisibilityTimeout: 0 }));
    expect((await take()).Messages).toHaveLength(1);
    expect((await take()).Messages).toBeUndefined();
    expect(await aws.sqs.depth('dead')).toMatchObject({ visible: 1 });
  });

  it('can be deleted under the clients’ feet', async () => {
    await aws.sqs.deleteQueue('interruptions');
    await expect(receive()).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await aws.sqs.createQueue('interruptions');
    expect(await receive()).toEqual([]);
  });
});

describe('the record of messages', () => {
  it('tells sends, receives, visibility changes and the deletion', async () => {
    const messageId = await aws.sqs.send('one');
    const [message] = await receive();
    await show(message?.ReceiptHandle, 60);
    await remove(message?.ReceiptHandle);
    const record = aws.sqs.message(messageId)!;
    expect(record.receives).toHaveLength(1);
    expect(record.visibilityChanges.map(({ seconds }) => seconds)).toEqual([60]);
    expect(record.deletedAt).toBeGreaterThanOrEqual(record.sentAt);
    expect(aws.sqs.redeliveriesInWork()).toBe(0);
  });

  it('sees into batches', async () => {
    await clients.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: aws.queueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: 'two' },
        ],
      }),
    );
    const handles = (await receive()).map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const longer = handles.map((entry) => ({ ...entry, VisibilityTimeout: 30 }));
    await clients.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: aws.queueUrl, Entries: longer }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: aws.queueUrl, Entries: handles }));
    expect(aws.sqs.messages().map((message) => [message.body, message.deletedAt !== undefined])).toEqual([
      ['one', true],
      ['two', true],
    ]);
    expect(aws.sqs.messages().map((message) => message.visibilityChanges.length)).toEqual([1, 1]);
  });

  it('does not count a message that was handed back as received twice in work', async () => {
    await aws.sqs.send('back');
    const [message] = await receive();
    await show(message?.ReceiptHandle, 0);
    const [again] = await receive();
    await remove(again?.ReceiptHandle);
    expect(aws.sqs.messages()[0]?.receives.map(({ handedBack }) => handedBack)).toEqual([true, false]);
    expect(aws.sqs.redeliveriesInWork()).toBe(0);
  });

  it('counts a message that came back while it was in work', async () => {
    await aws.sqs.send('forgotten');
    const [first] = await receive(0, 0);
    await receive();
    expect(aws.sqs.redeliveriesInWork()).toBe(1);
    // A handle that is no longer good deletes nothing.
    await remove(first?.ReceiptHandle);
    expect(aws.sqs.messages()[0]).toMatchObject({ deletedAt: undefined, deletionCalls: 1 });
  });

  it('deletes by the newest handle, also when its visibility has ended and nobody has received the message again', async () => {
    await aws.sqs.send('late');
    const [only] = await receive(0, 1);
    await sleep(systemClock, 1_100);
    await remove(only?.ReceiptHandle);
    const { deletedAt } = aws.sqs.messages()[0] ?? {};
    const again = await receive();
    // The queue may have put it back a moment before: then it comes again, and is not deleted.
    expect(aws.sqs.messages()[0]?.deletedAt).toBe(again.length === 0 ? deletedAt : undefined);
    expect(deletedAt).toBeDefined();
  });

  it('delivers a message twice on demand, and does not blame the client for it', async () => {
    const messageId = await aws.sqs.send('twice');
    await expect(aws.sqs.deliverAgain(messageId)).rejects.toThrow('was never received');
    await receive();
    await aws.sqs.deliverAgain(messageId);
    expect((await receive()).map(({ MessageId }) => MessageId)).toEqual([messageId]);
    expect(aws.sqs.redeliveriesInWork()).toBe(0);
  });

  it('knows a receive that never reached its client', async () => {
    aws.faults.add({
      matches: ({ action }) => action === 'ReceiveMessage',
      times: 1,
      misbehaviour: { kind: 'reset', when: 'after' },
    });
    await aws.sqs.send('stranded');
    await expect(receive()).rejects.toThrow();
    await eventually(() => aws.sqs.messages()[0]?.receives[0]?.delivered === false);
  });
});

describe('a long poll', () => {
  it('takes nothing once its client has gone', async () => {
    const gone = new AbortController();
    const poll = clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: gone.signal,
    });
    await eventually(() => aws.calls('sqs', 'ReceiveMessage').length === 1);
    gone.abort();
    await expect(poll).rejects.toThrow();
    await eventually(() => aws.calls('sqs', 'ReceiveMessage')[0]?.answeredAt !== undefined);
    await aws.sqs.send('for another');
    expect((await receive()).map(({ Body }) => Body)).toEqual(['for another']);
    expect(aws.sqs.messages()[0]?.receives).toHaveLength(1);
  });

  it('hears of a message that is given back, whose visibility ends, and of the end of its queue', async () => {
    await aws.sqs.send('one');
    const [first] = await receive(0, 60);
    const waiting = receive(20);
    await show(first?.ReceiptHandle, 1);
    expect((await waiting).map(({ Body }) => Body)).toEqual(['one']);
    const last = receive(20);
    const ended = expect(last).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await eventually(() => aws.calls('sqs', 'ReceiveMessage').length === 3);
    await aws.sqs.deleteQueue('interruptions');
    await ended;
  });
});

describe('the limits of SQS', () => {
  it('hide a message no longer than that after its delivery, alone and in a batch, in SQS’s own words', async () => {
    const QueueUrl = await aws.sqs.createQueue('short', { visibilityLimitSeconds: 60 });
    await aws.sqs.send('one', { queue: 'short' });
    const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    const change = (VisibilityTimeout: number) =>
      clients.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await expect(change(61)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('beyond the limit [60 seconds]') as string,
    });
    const Entries = [
      { Id: 'a', ReceiptHandle, VisibilityTimeout: 61 },
      { Id: 'b', ReceiptHandle, VisibilityTimeout: 30 },
    ];
    const both = await clients.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect([both.Failed?.map(({ Id }) => Id), both.Successful?.map(({ Id }) => Id)]).toEqual([['a'], ['b']]);
    const one = await clients.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: Entries.slice(0, 1) }),
    );
    expect(one.Failed?.map(({ Code }) => Code)).toEqual(['InvalidParameterValue']);
    await change(0);
  });

  it('let no more be in flight than the quota: a short poll is told, a long one gets nothing', async () => {
    const QueueUrl = await aws.sqs.createQueue('few', { inFlightQuota: 1 });
    await aws.sqs.send('one', { queue: 'few' });
    await aws.sqs.send('two', { queue: 'few' });
    const poll = (WaitTimeSeconds: number) =>
      clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
    const { Messages = [] } = await poll(0);
    await expect(poll(0)).rejects.toMatchObject({ name: 'OverLimit' });
    expect((await poll(1)).Messages).toBeUndefined();
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
    expect((await poll(0)).Messages).toHaveLength(1);
  });
});

describe('a dead-letter queue', () => {
  it('gives its messages back under new ids', async () => {
    const QueueUrl = await aws.sqs.createQueue('strict', { redrive: { queue: 'dead', maxReceiveCount: 1 } });
    const messageId = await aws.sqs.send('poison', { queue: 'strict' });
    const take = () => clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    await take();
    await take();
    const dead = 'arn:aws:sqs:us-east-1:123456789012:dead';
    await clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead }));
    const [again] = (await take()).Messages ?? [];
    expect([again?.Body, again?.MessageId === messageId]).toEqual(['poison', false]);
    expect(await aws.sqs.depth('dead')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await expect(aws.sqs.redrive('strict')).rejects.toThrow('is no dead-letter queue');
  });
});

describe('faults', () => {
  it('throttle in the service’s own words', async () => {
    aws.throttle('sqs', { burst: 0, perSecond: 0, actions: ['ReceiveMessage'] });
    await expect(receive()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    await expect(aws.sqs.depth()).resolves.toMatchObject({ visible: 0 });
  });

  it('answer 503, and reset before or after the work', async () => {
    const deletes = (misbehaviour: Parameters<typeof aws.faults.add>[0]['misbehaviour']) =>
      aws.faults.add({ matches: ({ action }) => action === 'DeleteMessage', times: 1, misbehaviour: misbehaviour! });
    const messageId = await aws.sqs.send('one');
    const [message] = await receive();
    deletes({ kind: 'error', code: 'ServiceUnavailable', status: 503 });
    await expect(remove(message?.ReceiptHandle)).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    deletes({ kind: 'reset', when: 'before' });
    await expect(remove(message?.ReceiptHandle)).rejects.toThrow();
    expect(aws.sqs.message(messageId)?.deletedAt).toBeUndefined();
    deletes({ kind: 'reset', when: 'after' });
    await expect(remove(message?.ReceiptHandle)).rejects.toThrow();
    expect(aws.sqs.message(messageId)?.deletedAt).toBeDefined();
  });

  it('refuse unsigned calls', async () => {
    const answer = await fetch(aws.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: '{}',
    });
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { __type: 'com.amazonaws.sqs#MissingAuthenticationToken', message: 'Request is missing Authentication Token' },
    ]);
  });

  it('refuse connections while the endpoint is away', async () => {
    await aws.pause();
    await expect(receive()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await aws.resume();
    expect(await receive()).toEqual([]);
  });
});
