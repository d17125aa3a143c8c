import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { longestActionMs } from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import type { Logger } from '@node-termination-handler/logger';
import { lacksRight } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';

/** How the queue is set up, as far as it says. */
export interface QueueAttributes {
  /** Where messages go that are received too often, and after how many times; absent: nowhere. */
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
  /** How long a message is kept, in seconds. */
  readonly retentionSeconds?: number;
}

/** The longest that a message has to wait in the queue or in hand, in seconds, such as that of a launch whose node does not join. */
const LONGEST_WAIT_SECONDS = longestActionMs() / 1_000;

/** The longest that SQS keeps a message, in seconds. */
const LONGEST_RETENTION_SECONDS = 14 * 86_400;

/** How the pauses grow while the attributes cannot be read: nothing waits for them. */
const AGAIN = { firstMs: 5_000, maxMs: 300_000 };

/**
 * Gives how the queue is set up, as it was when that was first read; what failed is asked for again.
 *
 * @throws when the service refuses or cannot be reached.
 */
export type ReadAttributes = () => Promise<QueueAttributes>;

/** Makes what reads how the queue is set up; nothing is asked yet. */
export function attributesReader(sqs: Pick<SQSClient, 'send'>, QueueUrl: string): ReadAttributes {
  let known: Promise<QueueAttributes> | undefined;
  const ask = async (): Promise<QueueAttributes> => {
    const AttributeNames = ['RedrivePolicy' as const, 'MessageRetentionPeriod' as const];
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    const redrive = redriveOf(Attributes.RedrivePolicy ?? '');
    const retentionSeconds = Number(Attributes.MessageRetentionPeriod);
    return {
      ...(redrive === undefined ? {} : { redrive }),
      ...(Number.isFinite(retentionSeconds) ? { retentionSeconds } : {}),
    };
  };
  return () =>
    (known ??= ask().catch((error: unknown) => {
      known = undefined;
      throw error;
    }));
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
function redriveOf(policy: string): QueueAttributes['redrive'] {
  if (policy === '') return undefined;
  // A policy that cannot be read is one all the same: messages go somewhere.
  let fields: Readonly<Record<string, unknown>> = {};
  try {
    fields = Object(JSON.parse(policy)) as Readonly<Record<string, unknown>>;
  } catch {
    // As above.
  }
  const { deadLetterTargetArn: arn, maxReceiveCount } = fields;
  return {
    deadLetterQueue: typeof arn === 'string' ? arn : 'a dead-letter queue',
    maxReceiveCount: Number(maxReceiveCount ?? 0),
  };
}

/** What telling about the queue needs. */
export interface AttributesParts {
  readonly readAttributes: ReadAttributes;
  readonly settings: Pick<QueueProcessorSettings, 'dryRun' | 'poisonMessages' | 'queueUrl'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Says at the start how the queue is set up, and warns of what would lose messages. The right to ask is optional: without it that is said, and
 * nothing else follows. Ends with the signal, quietly.
 */
export async function tellAttributes(parts: AttributesParts, signal: AbortSignal): Promise<void> {
  const { clock, log, readAttributes, settings } = parts;
  const url = { 'queue-url': settings.queueUrl };
  const isWorthRetrying = (error: unknown): boolean => !lacksRight(error);
  try {
    const options = { clock, backoff: AGAIN, signal, isWorthRetrying };
    const { redrive, retentionSeconds } = await retry(options, () => readAttributes());
    log.info(
      {
        ...url,
        ...(redrive && { 'dead-letter-queue': redrive.deadLetterQueue, 'max-receive-count': redrive.maxReceiveCount }),
        ...(retentionSeconds !== undefined && { 'retention-seconds': retentionSeconds }),
      },
      redrive === undefined ? 'the queue has no dead-letter queue' : 'the queue has a dead-letter queue',
    );
    if (retentionSeconds !== undefined && retentionSeconds < LONGEST_WAIT_SECONDS) {
      log.warn(
        { ...url, 'retention-seconds': retentionSeconds },
        `the queue keeps messages for a shorter time than they may have to wait (${LONGEST_WAIT_SECONDS} s), and they would be lost: set its MessageRetentionPeriod to ${LONGEST_RETENTION_SECONDS}`,
      );
    }
    if (settings.dryRun && redrive !== undefined) {
      log.warn(
        { ...url, 'dead-letter-queue': redrive.deadLetterQueue, 'max-receive-count': redrive.maxReceiveCount },
        'a dry run hands every message back, and the queue moves away what is received too often',
      );
    }
  } catch (error) {
    if (signal.aborted) return;
    const lost =
      'a message that cannot be understood is left in the queue, and how long the queue keeps messages is unknown';
    log.warn(
      { ...url, err: error },
      `the queue’s attributes cannot be read: ${lost}; allow sqs:GetQueueAttributes to change that`,
    );
  }
}

/** What becomes of a body that cannot be understood, and that in words. */
export interface PoisonPolicy {
  readonly action: 'delete' | 'leave';
  readonly words: string;
}

/**
 * Decides what becomes of bodies that cannot be understood: the setting, else `leave` where the queue moves them to a dead-letter queue, else
 * `delete`. Where that cannot be found out they are left: a message that comes again does less harm than one that is lost.
 */
export async function poisonPolicy(
  setting: 'delete' | 'leave' | undefined,
  readAttributes: ReadAttributes,
): Promise<PoisonPolicy> {
  if (setting === 'delete') return { action: 'delete', words: 'it is deleted, as POISON_MESSAGES says' };
  try {
    const { redrive } = await readAttributes();
    if (redrive !== undefined) {
      const { deadLetterQueue, maxReceiveCount } = redrive;
      const words = `it is left, and goes to ${deadLetterQueue} when it was received ${maxReceiveCount} times`;
      return { action: 'leave', words };
    }
    if (setting === undefined) return { action: 'delete', words: 'it is deleted: the queue has no dead-letter queue' };
    return { action: 'leave', words: 'it is left, as POISON_MESSAGES says, until the queue keeps it no longer' };
  } catch (error) {
    return { action: 'leave', words: `it is left: the queue’s redrive policy cannot be read (${errorText(error)})` };
  }
}
