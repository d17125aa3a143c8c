import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { abortable, backoffMs, onAbort, sleep, timeLimit } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { ReceivedMessage } from './queue.ts';

/**
 * The longest long poll SQS offers, in seconds.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
const LONG_POLL_SECONDS = 20;

/**
 * How long a poll waits for messages when it is not known whether the queue answers, in seconds: the first one, and each after a failure.
 * On an empty queue the readiness probe would otherwise hear of it only with the end of a long poll.
 */
const FIRST_POLL_SECONDS = 1;

/** How long a poll may take from its start to the last byte of its answer, in milliseconds. */
export const POLL_WITHIN_MS = (LONG_POLL_SECONDS + 10) * 1000;

/** How long a poll that is under way when the program stops may still bring messages, in milliseconds. */
const LAST_POLL_MS = 2_000;

/** How the pauses grow while SQS fails. */
const ASK_AGAIN = { firstMs: 500, maxMs: 20_000 };

/** Without a round for so long a receiver is stuck, in milliseconds: a poll that takes its whole time, the longest pause, and time to spare. */
export const ROUND_WITHIN_MS = POLL_WITHIN_MS + 1.5 * ASK_AGAIN.maxMs + 15_000;

/** Hears how a receiver does. */
export interface ReceiverReport {
  /** A round begins. */
  turned(): void;
  polled(): void;
  failed(error: unknown): void;
}

/** What a receiver needs. */
export interface ReceiveOptions {
  readonly settings: Pick<QueueProcessorSettings, 'queueUrl' | 'sqsMsgVisibilityTimeoutSeconds'>;
  readonly report: ReceiverReport;
  readonly clock: Clock;
  /** When this aborts, the receiver begins no further poll. */
  readonly signal: AbortSignal;
}

/**
 * Receives messages until told to stop: one long poll after the other, one batch at a time.
 *
 * A failing service is asked again after growing pauses; nothing ends the receiver but its signal, and nothing holds it up: what waits
 * takes no room.
 */
export async function* receiveMessages(
  sqs: Pick<SQSClient, 'send'>,
  options: ReceiveOptions,
): AsyncGenerator<readonly ReceivedMessage[]> {
  const { clock, report, signal } = options;
  const isStopped = (): boolean => signal.aborted;
  let answers = false;
  let failures = 0;
  while (!isStopped()) {
    report.turned();
    try {
      const messages = await poll(sqs, answers ? LONG_POLL_SECONDS : FIRST_POLL_SECONDS, options);
      answers = true;
      failures = 0;
      report.polled();
      if (messages.length > 0) yield messages;
    } catch (error) {
      if (isStopped()) return;
      answers = false;
      failures += 1;
      report.failed(troubleOf(error, options.settings.queueUrl));
      await sleep(clock, backoffMs(failures, ASK_AGAIN), signal).catch(() => undefined);
    }
  }
}

async function poll(
  sqs: Pick<SQSClient, 'send'>,
  waitSeconds: number,
  { clock, settings, signal }: ReceiveOptions,
): Promise<readonly ReceivedMessage[]> {
  const reason = (): Error => new Error(`SQS did not answer within ${POLL_WITHIN_MS / 1000} s`);
  using limit = timeLimit({ clock, limitMs: POLL_WITHIN_MS, reason });
  // An aborted poll may still take a message, which then stays invisible for a while: a poll under way is given a moment.
  let moment: Timer | undefined;
  using _stopping = onAbort(signal, () => {
    moment = clock.startTimer(LAST_POLL_MS, () => limit.abort(), { keepsProcessAlive: false });
  });
  const command = new ReceiveMessageCommand({
    QueueUrl: settings.queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: settings.sqsMsgVisibilityTimeoutSeconds,
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
  });
  try {
    const { Messages = [] } = await abortable(sqs.send(command, { abortSignal: limit.signal }), limit.signal);
    return Messages.flatMap(toMessage);
  } finally {
    moment?.stop();
  }
}

function toMessage(message: Message): ReceivedMessage[] {
  const { MessageId: id, ReceiptHandle: receiptHandle, Body: body = '', Attributes: attributes = {} } = message;
  if (id === undefined || receiptHandle === undefined) return [];
  const sent = Number(attributes.SentTimestamp);
  return [
    {
      id,
      body,
      receiptHandle,
      receiveCount: Number(attributes.ApproximateReceiveCount ?? 1),
      ...(Number.isFinite(sent) ? { sentAt: new Date(sent) } : {}),
    },
  ];
}

/** The queue is not there: nothing but its creation helps. */
export class QueueMissingError extends Error {
  override readonly name = 'QueueMissingError';
}

/** In the words of both protocols of SQS. */
const MISSING: ReadonlySet<unknown> = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);
const OVER_LIMIT: ReadonlySet<unknown> = new Set(['OverLimit', 'AWS.SimpleQueueService.OverLimit']);

/**
 * Says what is to be done about a poll that failed, where that is not in the service's own words.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
 */
function troubleOf(error: unknown, queueUrl: string): unknown {
  if (!(error instanceof Error)) return error;
  const names = [error.name, 'Code' in error ? error.Code : undefined];
  if (names.some((name) => MISSING.has(name))) {
    return new QueueMissingError(
      `the queue ${queueUrl} does not exist: correct QUEUE_URL, or create the queue again (AWS wants 60 s after its deletion), with its policy; it is received from as soon as it is there`,
      { cause: error },
    );
  }
  if (names.some((name) => OVER_LIMIT.has(name))) {
    return new Error(
      `as many messages of ${queueUrl} are in flight as SQS allows (120,000): look for who else receives from it and deletes nothing`,
      { cause: error },
    );
  }
  return error;
}
