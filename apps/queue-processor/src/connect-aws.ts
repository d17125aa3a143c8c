import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '@node-termination-handler/clock';
import { createImdsClient } from '@node-termination-handler/imds-client';
import type { Runtime } from '@node-termination-handler/runtime';
import { connectToAws, readQueueUrl, sqsEndpoint } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { POLL_WITHIN_MS } from './queue/receive.ts';

/** How long one answer may take that nobody holds back, and how long a call may take with all its tries, in milliseconds. */
const QUICK = { tryWithinMs: 10_000, withinMs: 25_000, tries: 3 };

/** One client for each kind of use; each has limits of its own. */
export interface AwsClients {
  /** That of the instances; the queue may be in another. */
  readonly region: string;
  /** For long polls only: they hold their connections for as long as the poll lasts. */
  readonly poll: SQSClient;
  /** Tries once: an extension of visibility that is tried again later comes too late, and what settles a message tries by itself. */
  readonly sqs: SQSClient;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
}

/**
 * Makes the clients; nothing is sent yet.
 *
 * @throws when no region is known.
 */
export async function connectAws(
  runtime: Pick<Runtime<QueueProcessorSettings>, 'awsClock' | 'log' | 'metrics' | 'settings' | 'opened' | 'stop'>,
): Promise<AwsClients> {
  const { awsClock, settings, stop } = runtime;
  const region = await findRegion(settings.awsRegion, settings.queueUrl, awsClock, stop);
  const { region: regionOfQueue = region, endpoint } = readQueueUrl(settings.queueUrl);
  const ofQueue = { region: regionOfQueue, endpoint: sqsEndpoint(endpoint) };
  const aws = connectToAws({ ...runtime, region });
  return {
    region,
    // A poll that reached the queue twice would hide messages from everybody.
    poll: aws.client((config) => new SQSClient(config), { ...ofQueue, withinMs: POLL_WITHIN_MS, isRepeatable: false }),
    sqs: aws.client((config) => new SQSClient(config), { ...ofQueue, withinMs: QUICK.tryWithinMs }),
    ec2: aws.client((config) => new EC2Client(config), QUICK),
    autoScaling: aws.client((config) => new AutoScalingClient(config), QUICK),
  };
}

/**
 * Finds the region: the setting, else the one this program runs in, else the queue's.
 *
 * @throws when none of them says; the signal's reason.
 */
export async function findRegion(
  setting: string | undefined,
  queueUrl: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  if (setting !== undefined) return setting;
  using imds = createImdsClient({ tries: 1, totalTimeoutMs: 1_000, clock });
  const here = await imds.nodeMetadata({ signal }).then(
    ({ region }) => region,
    () => '',
  );
  signal.throwIfAborted();
  const region = here === '' ? readQueueUrl(queueUrl).region : here;
  if (region === undefined)
    throw new Error(
      `no region is known: AWS_REGION is not set, and neither the instance metadata nor QUEUE_URL (${queueUrl}) names one; set AWS_REGION`,
    );
  return region;
}
