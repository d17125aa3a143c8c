import type { Clock } from '@node-termination-handler/clock';
import { buildApp } from 'fauxqs';
import type { Answer } from '../../http/answer.ts';
import { parseRecord, readList, readRecord, readString } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import { AwsServiceError } from '../call.ts';
import { queueName, SqsLedger } from './ledger.ts';
import type { QueueMessage } from './ledger.ts';
import { LongPolls } from './long-polls.ts';
import type { EmulatorReply } from './long-polls.ts';
import { limitVisibility, VISIBILITY_LIMIT_SECONDS } from './limits.ts';

/** How many messages a queue holds. */
interface QueueDepth {
  /** Ready to be received. */
  readonly visible: number;
  /** Received and not yet deleted. */
  readonly inFlight: number;
  readonly delayed: number;
}

/** What a queue is created with. */
export interface QueueOptions {
  /** In seconds. Default 30. */
  readonly visibilityTimeoutSeconds?: number;
  /** Dead-letter queue (created when missing) and after how many receives a message goes there. Default: none. */
  readonly redrive?: { readonly queue: string; readonly maxReceiveCount: number };
  /** How long a message is kept, in seconds; it is only told. Default 345,600, as SQS has it. */
  readonly retentionSeconds?: number;
  /** How long a message can be hidden after one delivery, in seconds. Default 43,200, as SQS has it. */
  readonly visibilityLimitSeconds?: number;
  /** How many messages may be in flight. Default: any number; SQS allows 120,000. */
  readonly inFlightQuota?: number;
}

/** How a message is sent. */
export interface SendOptions {
  /** Default: the sandbox's main queue. */
  readonly queue?: string;
  /** Default 0. */
  readonly delaySeconds?: number;
}

/** The simulated SQS. */
export interface SqsSimulator extends AsyncDisposable {
  /** Creates a queue and returns its URL. */
  readonly createQueue: (name: string, options?: QueueOptions) => Promise<string>;
  readonly deleteQueue: (name: string) => Promise<void>;
  readonly queueUrl: (name: string) => string;
  /** Sends a message with this body as it is, and returns its id. */
  readonly send: (body: string, options?: SendOptions) => Promise<string>;
  /** Delivers a message that is being worked on once more, as the real service now and then does. */
  readonly deliverAgain: (messageId: string) => Promise<void>;
  /** Answers every long poll that is under way, with nothing, as a service that is restarted may. */
  readonly endPolls: () => void;
  readonly depth: (name?: string) => Promise<QueueDepth>;
  /** Everything that happened to each message, in the order in which they were sent. */
  readonly messages: () => readonly QueueMessage[];
  readonly message: (messageId: string) => QueueMessage | undefined;
  /** Deliveries of messages that somebody was still working on. */
  readonly redeliveriesInWork: () => number;
  /** Moves what is in a dead-letter queue back to the queue it came from, as `StartMessageMoveTask` does. */
  readonly redrive: (deadLetterQueue: string) => Promise<void>;
  /** Carries out one call of a client; only the sandbox's HTTP front needs it. `gone`: the client has closed its connection. */
  readonly call: (action: string, body: string, gone: AbortSignal) => Promise<Answer>;
  /** Tells that the answer to a receive never reached the client; only the sandbox's HTTP front needs it. */
  readonly undelivered: (answer: Answer) => void;
}

/** Where the queues are and how they are named. */
interface SqsSimulatorOptions {
  readonly clock: Clock;
  /** The sandbox's AWS endpoint. */
  readonly baseUrl: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly mainQueue: string;
}

const contentType = 'application/x-amz-json-1.0';
const defaultVisibilitySeconds = 30;

/** The emulator keeps every queue under this one account, whatever the queue's URL says. */
const EMULATOR_ACCOUNT = '000000000000';

function rewriteQueueUrls(body: string, queueUrl: (name: string) => string): string {
  const fields = parseRecord(body);
  if (typeof fields.QueueUrl === 'string') {
    return JSON.stringify({ ...fields, QueueUrl: queueUrl(queueName(fields.QueueUrl)) });
  }
  if (Array.isArray(fields.QueueUrls)) {
    return JSON.stringify({ ...fields, QueueUrls: fields.QueueUrls.map((url) => queueUrl(queueName(url))) });
  }
  return body;
}

/** Starts SQS in this process, without a port of its own: the sandbox's AWS endpoint hands the calls on. */
export function createSqsSimulator(options: SqsSimulatorOptions): SqsSimulator {
  const app = buildApp({ logger: false, defaultRegion: options.region });
  const ledger = new SqsLedger(options.clock);
  const queues = new Map<string, QueueOptions>();
  const polls = new LongPolls();
  const never = new AbortController().signal;
  const queueUrl = (name: string): string => `${options.baseUrl()}/${options.accountId}/${name}`;

  const inject = (action: string, payload: string) =>
    app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': contentType, 'x-amz-target': `AmazonSQS.${action}`, host: '127.0.0.1' },
      payload,
    });

  const answerTo = (reply: EmulatorReply, body: string): Answer => {
    const queryError = reply.headers['x-amzn-query-error'];
    const headers = {
      'content-type': contentType,
      ...(typeof queryError === 'string' && { 'x-amzn-query-error': queryError }),
    };
    return { status: reply.statusCode, headers, body };
  };

  const receive = (input: JsonRecord, gone: AbortSignal): Promise<EmulatorReply> => {
    const name = queueName(input.QueueUrl);
    const { inFlightQuota = Infinity } = queues.get(name) ?? {};
    return polls.receive(input, gone, {
      take: (asked) => inject('ReceiveMessage', asked),
      // One that is gone is asked, as that is the answer.
      mayGiveAt: () => (queues.has(name) ? ledger.mayGiveAt(name) : 0),
      isFull: async () => inFlightQuota < Infinity && (await depth(name)).inFlight >= inFlightQuota,
    });
  };

  const call = async (action: string, payload: string, gone: AbortSignal): Promise<Answer> => {
    if (action === 'StartMessageMoveTask') return await moveBack(parseRecord(payload), gone);
    const asked = parseRecord(payload);
    const { visibilityLimitSeconds: limitSeconds = VISIBILITY_LIMIT_SECONDS } =
      queues.get(queueName(asked.QueueUrl)) ?? {};
    const limits = {
      limitSeconds,
      now: options.clock.now(),
      receivedAt: (receipt: string) => ledger.receivedAt(receipt),
    };
    const { input, refused } = limitVisibility(action, asked, limits);
    if (refused.length > 0 && readList(input, 'Entries').length === 0) {
      const body = JSON.stringify({ Successful: [], Failed: refused });
      return { status: 200, headers: { 'content-type': contentType }, body };
    }
    const isReceive = action === 'ReceiveMessage';
    const reply = isReceive ? await receive(input, gone) : await inject(action, JSON.stringify(input));
    let body = rewriteQueueUrls(reply.body, queueUrl);
    if (reply.statusCode === 200) {
      const { visibilityTimeoutSeconds = defaultVisibilitySeconds } = queues.get(queueName(input.QueueUrl)) ?? {};
      ledger.observe(action, input, parseRecord(body), visibilityTimeoutSeconds);
    }
    if (refused.length > 0) {
      const fields = parseRecord(body);
      body = JSON.stringify({ ...fields, Failed: [...readList(fields, 'Failed'), ...refused] });
    }
    if (!isReceive) polls.wake();
    return answerTo(reply, body);
  };

  /**
   * Sends what is in a dead-letter queue to the queue it came from, under new ids and with new times, and at once; a task of SQS takes a moment.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   */
  const moveBack = async (input: JsonRecord, gone: AbortSignal): Promise<Answer> => {
    const from = (readString(input, 'SourceArn') ?? '').split(':').at(-1) ?? '';
    const [to] = [...queues].find(([, { redrive }]) => redrive?.queue === from) ?? [];
    if (to === undefined) throw new AwsServiceError('ResourceNotFoundException', `${from} is no dead-letter queue.`);
    for (;;) {
      const asked = { QueueUrl: queueUrl(from), MaxNumberOfMessages: 10, WaitTimeSeconds: 0 };
      const { body } = await call('ReceiveMessage', JSON.stringify(asked), gone);
      const messages = readList(parseRecord(body), 'Messages');
      for (const message of messages) {
        await command('SendMessage', { QueueUrl: queueUrl(to), MessageBody: readString(message, 'Body') });
        await command('DeleteMessage', {
          QueueUrl: queueUrl(from),
          ReceiptHandle: readString(message, 'ReceiptHandle'),
        });
      }
      if (messages.length === 0) break;
    }
    return { status: 200, headers: { 'content-type': contentType }, body: JSON.stringify({ TaskHandle: 'task' }) };
  };

  const command = async (action: string, input: object): Promise<JsonRecord> => {
    const answer = await call(action, JSON.stringify(input), never);
    if (answer.status !== 200) throw new Error(`The sandbox's SQS refused ${action}: ${answer.body}`);
    return parseRecord(answer.body);
  };

  const arnOf = (name: string): string => `arn:aws:sqs:${options.region}:${EMULATOR_ACCOUNT}:${name}`;

  const createQueue = async (name: string, queue: QueueOptions = {}): Promise<string> => {
    const seconds = queue.visibilityTimeoutSeconds ?? defaultVisibilitySeconds;
    const attributes: Record<string, string> = {
      VisibilityTimeout: String(seconds),
      MessageRetentionPeriod: String(queue.retentionSeconds ?? 345_600),
    };
    if (queue.redrive !== undefined) {
      await createQueue(queue.redrive.queue);
      const deadLetterTargetArn = arnOf(queue.redrive.queue);
      const { maxReceiveCount } = queue.redrive;
      attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    }
    await command('CreateQueue', { QueueName: name, Attributes: attributes });
    queues.set(name, queue);
    return queueUrl(name);
  };

  const depth = async (name = options.mainQueue): Promise<QueueDepth> => {
    const input = { QueueUrl: queueUrl(name), AttributeNames: ['All'] };
    const attributes = readRecord(await command('GetQueueAttributes', input), 'Attributes');
    return {
      visible: Number(attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  };

  return {
    createQueue,
    deleteQueue: async (name) => {
      queues.delete(name);
      await command('DeleteQueue', { QueueUrl: queueUrl(name) });
    },
    queueUrl,
    send: async (body, { queue = options.mainQueue, delaySeconds } = {}) => {
      const input = { QueueUrl: queueUrl(queue), MessageBody: body, DelaySeconds: delaySeconds };
      return String((await command('SendMessage', input)).MessageId);
    },
    deliverAgain: async (messageId) => {
      const message = ledger.message(messageId);
      const receipt = message?.receives.at(-1)?.receiptHandle;
      if (message === undefined || receipt === undefined) throw new Error(`Message ${messageId} was never received`);
      ledger.forced(receipt);
      const input = { QueueUrl: queueUrl(message.queue), ReceiptHandle: receipt, VisibilityTimeout: 0 };
      // Not through `call`: the ledger must not take it for the client's own giving back.
      await inject('ChangeMessageVisibility', JSON.stringify(input));
    },
    endPolls: () => polls.end(),
    depth,
    messages: () => ledger.messages(),
    message: (messageId) => ledger.message(messageId),
    redeliveriesInWork: () => ledger.redeliveriesInWork(),
    redrive: async (deadLetterQueue) => {
      await command('StartMessageMoveTask', { SourceArn: arnOf(deadLetterQueue) });
    },
    call,
    undelivered: (answer) => ledger.undelivered(parseRecord(answer.body)),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
