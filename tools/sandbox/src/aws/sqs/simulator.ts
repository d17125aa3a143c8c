import { buildApp } from 'fauxqs';
import type { Answer } from '../../http/answer.ts';
import { createSqsLedger, observe, parseFields, queueName, receiptHandles } from './ledger.ts';
import type { QueueMessage, SqsLedger } from './ledger.ts';

/** How many messages a queue holds. */
export interface QueueDepth {
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
  /** The sandbox's AWS endpoint. */
  readonly baseUrl: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly mainQueue: string;
}

const contentType = 'application/x-amz-json-1.0';
const defaultVisibilitySeconds = 30;

function rewriteQueueUrls(body: string, queueUrl: (name: string) => string): string {
  const fields = parseFields(body);
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
  const ledger: SqsLedger = createSqsLedger();
  const visibilitySeconds = new Map<string, number>();
  const queueUrl = (name: string): string => `${options.baseUrl()}/${options.accountId}/${name}`;

  const call = async (action: string, body: string): Promise<Answer> => {
    const reply = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': contentType, 'x-amz-target': `AmazonSQS.${action}`, host: '127.0.0.1' },
      payload: body,
    });
    const answerBody = rewriteQueueUrls(reply.body, queueUrl);
    if (reply.statusCode === 200) {
      const input = parseFields(body);
      const visibility = visibilitySeconds.get(queueName(input.QueueUrl)) ?? defaultVisibilitySeconds;
      observe(ledger, action, input, parseFields(answerBody), visibility);
    }
    const queryError = reply.headers['x-amzn-query-error'];
    return {
      status: reply.statusCode,
      headers: {
        'content-type': contentType,
        ...(typeof queryError === 'string' && { 'x-amzn-query-error': queryError }),
      },
      body: answerBody,
    };
  };

  const command = async (action: string, input: object): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await call(action, JSON.stringify(input));
    if (answer.status !== 200) throw new Error(`The sandbox's SQS refused ${action}: ${answer.body}`);
    return parseFields(answer.body);
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
      // Not through `command`: the ledger must not take it for the client's own giving back.
      await app.inject({
        method: 'POST',
        url: '/',
        headers: {
          'content-type': contentType,
          'x-amz-target': 'AmazonSQS.ChangeMessageVisibility',
          host: '127.0.0.1',
        },
        payload: JSON.stringify(input),
      });
    },
    depth: async (name = options.mainQueue) => {
      const input = { QueueUrl: queueUrl(name), AttributeNames: ['All'] };
      const attributes = (await command('GetQueueAttributes', input)).Attributes;
      const read = (key: string): number => Number(new Map(Object.entries(attributes ?? {})).get(key) ?? 0);
      return {
        visible: read('ApproximateNumberOfMessages'),
        inFlight: read('ApproximateNumberOfMessagesNotVisible'),
        delayed: read('ApproximateNumberOfMessagesDelayed'),
      };
    },
    messages: ledger.messages,
    message: ledger.message,
    redeliveriesInWork: ledger.redeliveriesInWork,
    call,
    undelivered: (answer) => receiptHandles(parseFields(answer.body)).forEach(ledger.undelivered),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
