import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { abortable, backoffMs, onAbort, sleep, timeLimit, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { MessagesInWork } from './in-work.ts';
import type { QueueMessage } from './queue.ts';

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

/** A receiver that waits for room says so at least this often, in milliseconds. */
const LOOK_FOR_ROOM_EVERY_MS = 10_000;

/** Without a round for so long a receiver is stuck, in milliseconds: a poll that takes its whole time, the longest pause, and time to spare. */
export const ROUND_WITHIN_MS = POLL_WITHIN_MS + 1.5 * ASK_AGAIN.maxMs + 15_000;

/** Hears how a receiver does. */
export interface ReceiverReport {
  /** A round begins, also one that only looks for room. */
  turned(): void;
  /** The receiver begins to wait until some messages in work are done, or has waited. */
  waiting(isWaiting: boolean): void;
  polled(): void;
  failed(error: unknown): void;
}

/** What a receiver needs. */
export interface ReceiveOptions {
  readonly settings: Pick<QueueProcessorSettings, 'queueUrl' | 'sqsMsgVisibilityTimeoutSeconds'>;
  readonly inWork: Pick<MessagesInWork, 'isFull' | 'fewer'>;
  readonly report: ReceiverReport;
  readonly clock: Clock;
  /** When this aborts, the receiver begins no further poll. */
  readonly signal: AbortSignal;
}

/**
 * Receives messages until told to stop: one long poll after the other, one batch at a time.
 *
 * A failing service is asked again after growing pauses; nothing ends the receiver but its signal.
 */
export async function* receiveMessages(
  sqs: Pick<SQSClient, 'send'>,
  options: ReceiveOptions,
): AsyncGenerator<readonly QueueMessage[]> {
  const { clock, inWork, report, signal } = options;
  const isStopped = (): boolean => signal.aborted;
  let answers = false;
  let failures = 0;
  while (!isStopped()) {
    report.turned();
    if (inWork.isFull) {
      await waitForRoom(options);
      continue;
    }
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
      report.failed(error);
      await sleep(clock, backoffMs(failures, ASK_AGAIN), signal).catch(() => undefined);
    }
  }
}

async function waitForRoom({ clock, inWork, report, signal }: ReceiveOptions): Promise<void> {
  const limit = { clock, limitMs: LOOK_FOR_ROOM_EVERY_MS, signals: [signal] };
  report.waiting(true);
  while (inWork.isFull && !signal.aborted) {
    // Its end, one way or the other, is the reason to look again.
    await withTimeLimit(limit, (over) => inWork.fewer(over)).catch(() => undefined);
    report.turned();
  }
  report.waiting(false);
}

async function poll(
  sqs: Pick<SQSClient, 'send'>,
  waitSeconds: number,
  { clock, settings, signal }: ReceiveOptions,
): Promise<readonly QueueMessage[]> {
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

function toMessage(message: Message): QueueMessage[] {
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
