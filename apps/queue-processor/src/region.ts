import { createImdsClient } from '@node-termination-handler/imds-client';

/**
 * Finds the region: the setting, else the one this program runs in, else the queue's.
 *
 * @throws when none of them says.
 */
export async function findRegion(setting: string | undefined, queueUrl: string): Promise<string> {
  if (setting !== undefined) return setting;
  const imds = createImdsClient({ tries: 1, totalTimeoutMs: 1_000 });
  const here = await imds.nodeMetadata().then(
    ({ region }) => region,
    () => '',
  );
  const region = here === '' ? regionOfQueue(queueUrl) : here;
  if (region === undefined)
    throw new Error('AWS_REGION is not set, and neither the instance metadata nor QUEUE_URL names a region');
  return region;
}

/**
 * Reads the region out of a queue's URL.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
 */
export function regionOfQueue(queueUrl: string): string | undefined {
  const host = URL.parse(queueUrl)?.hostname ?? '';
  return /^sqs(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1] ?? /^([a-z0-9-]+)\.queue\.amazonaws\./.exec(host)?.[1];
}
