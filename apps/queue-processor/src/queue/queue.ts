import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { BatchResultErrorEntry, SQSClient } from '@aws-sdk/client-sqs';
import DataLoader from 'dataloader';
import type { Clock } from '@node-termination-handler/clock';

/** One delivery of a message. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Names this delivery in calls that delete it or change its visibility. */
  readonly receiptHandle: string;
  /** When the sender put it on the queue; absent when the service does not say. */
  readonly sentAt?: Date;
  /** How often it has been delivered, this time included. */
  readonly receiveCount: number;
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
type BatchEnd = 'done' | 'gone';

/** Deletes messages and changes their visibility, many to a call. */
export class Queue {
  readonly #sqs: Pick<SQSClient, 'send'>;
  readonly #url: string;
  readonly #deletes: DataLoader<QueueMessage, BatchEnd>;
  readonly #visibility: DataLoader<{ readonly message: QueueMessage; readonly seconds: number }, BatchEnd>;

  constructor(sqs: Pick<SQSClient, 'send'>, queueUrl: string, clock: Clock) {
    this.#sqs = sqs;
    this.#url = queueUrl;
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
   * @returns `gone` when the delivery no longer counts: deleted, or received by somebody else since.
   * @throws when the service refuses or cannot be reached.
   */
  changeVisibility(message: QueueMessage, seconds: number): Promise<BatchEnd> {
    return this.#visibility.load({ message, seconds });
  }

  /** Whether the queue moves messages that are received too often to a dead-letter queue. */
  async hasRedrivePolicy(): Promise<boolean> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: ['RedrivePolicy'] }),
    );
    return (Attributes?.RedrivePolicy ?? '') !== '';
  }
}

/** Receipts that no longer count: the message is deleted, visible again, or in somebody else's hands. */
const GONE = new Set([
  'ReceiptHandleIsInvalid',
  'InvalidParameterValue',
  'AWS.SimpleQueueService.MessageNotInflight',
  'MessageNotInflight',
]);

function ends(items: readonly unknown[], failed: readonly BatchResultErrorEntry[] = []): (BatchEnd | Error)[] {
  const failures = new Map(failed.map((entry) => [entry.Id, entry]));
  return items.map((_item, index) => {
    const failure = failures.get(String(index));
    if (failure === undefined) return 'done';
    if (GONE.has(failure.Code ?? '')) return 'gone';
    return new Error(
      `SQS refused: ${failure.Code ?? 'unknown code'}${failure.Message === undefined ? '' : ` (${failure.Message})`}`,
    );
  });
}
