import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueueMessage } from './message.ts';

/**
 * The longest long poll SQS offers, in seconds.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
export const LONG_POLL_SECONDS = 20;

/** How long a poll that is under way when the program stops may still bring messages, in milliseconds. */
const LAST_POLL_MS = 2_000;

/** What a receiver needs. */
export interface ReceiveOptions {
  readonly queueUrl: string;
  readonly visibilityTimeoutSeconds: number;
  /** Waits until there is room for more work. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly onPolled: () => void;
  readonly onFailed: (error: unknown) => void;
  /** When this aborts, the receiver begins no further poll. */
  readonly signal: AbortSignal;
}

/**
 * Receives messages until told to stop: one long poll after the other, one batch at a time.
 *
 * A failing service is asked again after growing pauses; nothing ends the receiver but its signal.
 */
export async function* receiveMessages(
  sqs: SQSClient,
  options: ReceiveOptions,
): AsyncGenerator<readonly QueueMessage[]> {
  const { signal } = options;
  const isStopped = (): boolean => signal.aborted;
  let failures = 0;
  while (!isStopped()) {
    try {
      await options.room(signal);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: options.queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: LONG_POLL_SECONDS,
          VisibilityTimeout: options.visibilityTimeoutSeconds,
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        }),
        // An aborted poll may still take a message, which then stays invisible for a while: a poll under way is given a moment.
        { abortSignal: afterwards(signal, LAST_POLL_MS) },
      );
      failures = 0;
      options.onPolled();
      const messages = Messages.flatMap(toMessage);
      if (messages.length > 0) yield messages;
    } catch (error) {
      if (isStopped()) return;
      failures += 1;
      const retryInMs = Math.min(20_000, 250 * 2 ** Math.min(failures, 7)) * (0.5 + Math.random() / 2);
      options.onFailed(error);
      await delay(retryInMs, undefined, { signal }).catch(() => undefined);
    }
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

/** A signal that aborts some time after another one. */
function afterwards(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => later.abort(), ms).unref(), { once: true });
  return later.signal;
}
