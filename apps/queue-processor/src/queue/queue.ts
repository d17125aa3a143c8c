import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { BatchResultErrorEntry, SQSClient } from '@aws-sdk/client-sqs';
import DataLoader from 'dataloader';
import type { Clock } from '@node-termination-handler/clock';

/** One delivery of a message, without its body: that is not kept once it is read. */
export interface QueueMessage {
  readonly id: string;
  /** Names this delivery in calls that delete it or change its visibility. */
  readonly receiptHandle: string;
  /** When the sender put it on the queue, or when it was moved back from a dead-letter queue; absent when the service does not say. */
  readonly sentAt?: Date;
  /** How often it has been delivered, this time included. */
  readonly receiveCount: number;
}

/** A delivery as it comes from the queue. */
export interface ReceivedMessage extends QueueMessage {
  readonly body: string;
}

/**
 * How many messages one call may name.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
 */
const BATCH = 10;

/** For so long calls wait for others to join their batch, in milliseconds. */
const GATHER_MS = 10;

/** What one message of a batch came to. */
export type BatchEnd =
  | 'done'
  /** The delivery no longer counts: the message is deleted, visible again, or in somebody else's hands. */
  | 'gone'
  /** The message would be hidden for longer than SQS allows after one delivery: twelve hours. */
  | 'beyond-limit';

/** Deletes messages and changes their visibility, many to a call. */
export class Queue {
  readonly #deletes: DataLoader<QueueMessage, BatchEnd>;
  readonly #visibility: DataLoader<{ readonly message: QueueMessage; readonly seconds: number }, BatchEnd>;

  constructor(sqs: Pick<SQSClient, 'send'>, queueUrl: string, clock: Clock) {
    const inBatches = <Item>(
      send: (items: readonly Item[]) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>,
    ) =>
      new DataLoader<Item, BatchEnd>(async (items) => ends(items, (await send(items)).Failed), {
        cache: false,
        maxBatchSize: BATCH,
        batchScheduleFn: (gathered) => void clock.startTimer(GATHER_MS, gathered),
      });
    this.#deletes = inBatches((messages) => {
      const Entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      return sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    });
    this.#visibility = inBatches((changes) => {
      const Entries = changes.map(({ message, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: message.receiptHandle,
        VisibilityTimeout: seconds,
      }));
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    });
  }

  /**
   * Deletes a message whose work is done. A message that is gone already is as good as deleted.
   *
   * @throws when the service refuses or cannot be reached.
   */
  async delete(message: QueueMessage): Promise<void> {
    await this.#deletes.load(message);
  }

  /**
   * Keeps a message out of other receivers' sight for some seconds from now on; with 0 it can be received at once.
   *
   * @throws when the service refuses or cannot be reached.
   */
  changeVisibility(message: QueueMessage, seconds: number): Promise<BatchEnd> {
    return this.#visibility.load({ message, seconds });
  }
}

/** Receipts that no longer count, in the words of both protocols of SQS. */
const GONE = new Set(['ReceiptHandleIsInvalid', 'AWS.SimpleQueueService.MessageNotInflight', 'MessageNotInflight']);

/**
 * What a refusal of one message means. `InvalidParameterValue` is said of a receipt that has expired (`Value … for parameter ReceiptHandle is
 * invalid`), and of a message that would be hidden for too long (`Total VisibilityTimeout for the message is beyond the limit [43200 seconds]`);
 * of anything else it is an error.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
function endOf({ Code: code = 'unknown code', Message: text = '' }: BatchResultErrorEntry): BatchEnd | Error {
  if (GONE.has(code)) return 'gone';
  if (code === 'InvalidParameterValue' && /beyond the limit/i.test(text)) return 'beyond-limit';
  if (code === 'InvalidParameterValue' && /ReceiptHandle|not available for visibility timeout change/i.test(text))
    return 'gone';
  return new Error(`SQS refused: ${code}${text === '' ? '' : ` (${text})`}`);
}

function ends(items: readonly unknown[], failed: readonly BatchResultErrorEntry[] = []): (BatchEnd | Error)[] {
  const failures = new Map(failed.map((entry) => [entry.Id, entry]));
  return items.map((_item, index) => {
    const failure = failures.get(String(index));
    return failure === undefined ? 'done' : endOf(failure);
  });
}
