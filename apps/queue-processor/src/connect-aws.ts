import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '@node-termination-handler/clock';
import { createImdsClient } from '@node-termination-handler/imds-client';
import type { Runtime } from '@node-termination-handler/runtime';
import { awsConnections, readQueueUrl } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { POLL_WITHIN_MS } from './queue/receive.ts';

/** How long an answer may take that nobody holds back, in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** One client for each kind of use; each has time limits of its own, because the SDK has none. */
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
export async function connectAws({
  awsClock,
  settings,
  opened,
  stop,
}: Pick<Runtime<QueueProcessorSettings>, 'awsClock' | 'settings' | 'opened' | 'stop'>): Promise<AwsClients> {
  const { awsRegion, awsEndpoint: endpoint, queueUrl } = settings;
  const region = await findRegion(awsRegion, queueUrl, awsClock, stop);
  const shared = { region, ...(endpoint === undefined ? {} : { endpoint }), maxAttempts: 3 };
  const quick = () => ({ ...shared, requestHandler: awsConnections(ANSWER_WITHIN_MS, awsClock) });
  const ofQueue = { region: readQueueUrl(queueUrl).region ?? region };
  const close = (client: { destroy(): void }): void => client.destroy();
  return {
    region,
    poll: opened.adopt(
      new SQSClient({
        ...shared,
        ...ofQueue,
        requestHandler: awsConnections(POLL_WITHIN_MS, awsClock),
        maxAttempts: 1,
      }),
      close,
    ),
    sqs: opened.adopt(new SQSClient({ ...quick(), ...ofQueue, maxAttempts: 1 }), close),
    ec2: opened.adopt(new EC2Client(quick()), close),
    autoScaling: opened.adopt(new AutoScalingClient(quick()), close),
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
    throw new Error('AWS_REGION is not set, and neither the instance metadata nor QUEUE_URL names a region');
  return region;
}
