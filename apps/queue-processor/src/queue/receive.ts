import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { abortable, backoffMs, linkSignals, onAbort, sleep } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { MessagesInHand } from './in-hand.ts';
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

/**
 * How long a poll waits for messages while some are in hand, in seconds. When the program stops they go back once no poll of its own can
 * bring them again, and so soon.
 */
const POLL_AT_WORK_SECONDS = 5;

/**
 * For how long a poll at most hides what it brings while nothing is in hand, in seconds. Such a poll is given up when the program stops, and
 * SQS may still hand a message to it, which is nobody's then until this is over; what is received is hidden for longer at once.
 *
 * @see https://github.com/aws/aws-sdk-js/issues/2350
 */
const IDLE_HIDDEN_SECONDS = 10;

/** How long the client lets a poll take from its start to the last byte of its answer, in milliseconds. */
export const POLL_WITHIN_MS = (LONG_POLL_SECONDS + 10) * 1000;

/** How much longer than it waits for messages a poll at work that is under way when the program stops may take, in milliseconds. */
const LAST_ANSWER_MS = 2_000;

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
  readonly inHand: Pick<MessagesInHand, 'size'>;
  /** Hides what is in hand for as long as is set, from now on, and gives whether that can be done. Default: a dry run, which changes nothing. */
  readonly keepHidden?: (() => Promise<boolean>) | undefined;
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
  const { clock, inHand, keepHidden, report, signal } = options;
  const isStopped = (): boolean => signal.aborted;
  let answers = false;
  // Where the right to it is missing, what is received is hidden only once, and no poll is given up that may bring something.
  let hidesAnew = keepHidden !== undefined;
  let failures = 0;
  while (!isStopped()) {
    report.turned();
    try {
      const isIdle = hidesAnew && inHand.size === 0;
      const longest = isIdle ? LONG_POLL_SECONDS : POLL_AT_WORK_SECONDS;
      const waitSeconds = answers ? longest : FIRST_POLL_SECONDS;
      const messages = await poll(sqs, { isIdle, waitSeconds }, options);
      answers = true;
      failures = 0;
      report.polled();
      if (messages.length > 0) yield messages;
      if (messages.length > 0 && (isIdle || !hidesAnew)) void keepHidden?.().then((isDone) => (hidesAnew = isDone));
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
  { isIdle, waitSeconds }: { readonly isIdle: boolean; readonly waitSeconds: number },
  { clock, settings, signal }: ReceiveOptions,
): Promise<readonly ReceivedMessage[]> {
  // Its limit is the client's, which knows why no answer came.
  using giveUp = linkSignals([]);
  let last: Timer | undefined;
  using _stopping = onAbort(signal, () => {
    const endsInMs = isIdle ? 0 : waitSeconds * 1000 + LAST_ANSWER_MS;
    last = clock.startTimer(endsInMs, () => giveUp.abort(), { keepsProcessAlive: false });
  });
  const hiddenSeconds = settings.sqsMsgVisibilityTimeoutSeconds;
  const command = new ReceiveMessageCommand({
    QueueUrl: settings.queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: isIdle ? Math.min(hiddenSeconds, IDLE_HIDDEN_SECONDS) : hiddenSeconds,
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
  });
  try {
    const { Messages = [] } = await abortable(sqs.send(command, { abortSignal: giveUp.signal }), giveUp.signal);
    return Messages.flatMap(toMessage);
  } finally {
    last?.stop();
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
