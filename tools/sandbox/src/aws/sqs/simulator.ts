import type { Clock } from '@node-termination-handler/clock';
import { buildApp } from 'fauxqs';
import type { Answer } from '../../http/answer.ts';
import { parseRecord, readRecord } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import { queueName, SqsLedger } from './ledger.ts';
import type { QueueMessage } from './ledger.ts';

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
  readonly depth: (name?: string) => Promise<QueueDepth>;
  /** Everything that happened to each message, in the order in which they were sent. */
  readonly messages: () => readonly QueueMessage[];
  readonly message: (messageId: string) => QueueMessage | undefined;
  /** Deliveries of messages that somebody was still working on. */
  readonly redeliveriesInWork: () => number;
  /** Carries out one call of a client; only the sandbox's HTTP front needs it. */
  readonly call: (action: string, body: string) => Promise<Answer>;
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
  const visibilitySeconds = new Map<string, number>();
  const queueUrl = (name: string): string => `${options.baseUrl()}/${options.accountId}/${name}`;

  const inject = (action: string, payload: string) =>
    app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': contentType, 'x-amz-target': `AmazonSQS.${action}`, host: '127.0.0.1' },
      payload,
    });

  const call = async (action: string, payload: string): Promise<Answer> => {
    const reply = await inject(action, payload);
    const body = rewriteQueueUrls(reply.body, queueUrl);
    if (reply.statusCode === 200) {
      const input = parseRecord(payload);
      const visibility = visibilitySeconds.get(queueName(input.QueueUrl)) ?? defaultVisibilitySeconds;
      ledger.observe(action, input, parseRecord(body), visibility);
    }
    const queryError = reply.headers['x-amzn-query-error'];
    const headers = {
      'content-type': contentType,
      ...(typeof queryError === 'string' && { 'x-amzn-query-error': queryError }),
    };
    return { status: reply.statusCode, headers, body };
  };

  const command = async (action: string, input: object): Promise<JsonRecord> => {
    const answer = await call(action, JSON.stringify(input));
    if (answer.status !== 200) throw new Error(`The sandbox's SQS refused ${action}: ${answer.body}`);
    return parseRecord(answer.body);
  };

  const createQueue = async (name: string, queue: QueueOptions = {}): Promise<string> => {
    const seconds = queue.visibilityTimeoutSeconds ?? defaultVisibilitySeconds;
    const attributes: Record<string, string> = { VisibilityTimeout: String(seconds) };
    if (queue.redrive !== undefined) {
      await createQueue(queue.redrive.queue);
      // The emulator keeps every queue under this one account, whatever the queue's URL says.
      const deadLetterTargetArn = `arn:aws:sqs:${options.region}:000000000000:${queue.redrive.queue}`;
      const { maxReceiveCount } = queue.redrive;
      attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    }
    await command('CreateQueue', { QueueName: name, Attributes: attributes });
    visibilitySeconds.set(name, seconds);
    return queueUrl(name);
  };

  return {
    createQueue,
    deleteQueue: async (name) => {
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
    depth: async (name = options.mainQueue) => {
      const input = { QueueUrl: queueUrl(name), AttributeNames: ['All'] };
      const attributes = readRecord(await command('GetQueueAttributes', input), 'Attributes');
      return {
        visible: Number(attributes.ApproximateNumberOfMessages ?? 0),
        inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
        delayed: Number(attributes.ApproximateNumberOfMessagesDelayed ?? 0),
      };
    },
    messages: () => ledger.messages(),
    message: (messageId) => ledger.message(messageId),
    redeliveriesInWork: () => ledger.redeliveriesInWork(),
    call,
    undelivered: (answer) => ledger.undelivered(parseRecord(answer.body)),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
