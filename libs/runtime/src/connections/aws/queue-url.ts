/** What the URL of a queue says. */
export interface QueueAddress {
  /** Where SQS is called for this queue, `https://sqs.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  /** `undefined` where the host does not say, as that of a test or of a name of one's own. */
  readonly region: string | undefined;
}

/** `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`, `eusc-de-east-1`, … */
const REGION = '[a-z]{2,5}(?:-[a-z]+)+-\\d+';

/**
 * What the hosts of AWS's partitions end in, dual-stack ones after the others.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 */
const SUFFIXES = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
  'api.aws',
  'api.amazonwebservices.com.cn',
  'api.amazonwebservices.eu',
  'api.aws.ic.gov',
  'api.aws.scloud',
  'api.cloud-aws.adc-e.uk',
  'api.aws.hci.ic.gov',
].map((suffix) => suffix.replaceAll('.', '\\.'));

/** `sqs.REGION…`, with FIPS, and of an endpoint of a VPC, whose own name stands before and `vpce` after it. */
const STANDARD = new RegExp(
  `^(?:vpce-[a-z0-9-]+\\.)?sqs(?:-fips)?\\.(${REGION})\\.(?:vpce\\.)?(?:${SUFFIXES.join('|')})$`,
);

/** `REGION.queue…` and `queue.amazonaws.com`, as URLs of queues were written once. */
const LEGACY = new RegExp(`^(?:(${REGION})\\.)?queue\\.(amazonaws\\.com(?:\\.cn)?)$`);

/**
 * Reads the URL of a queue, whatever form its host has.
 *
 * @throws TypeError when it is no absolute URL.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
 */
export function readQueueUrl(queueUrl: string): QueueAddress {
  const { hostname, origin } = new URL(queueUrl);
  const [, standard] = STANDARD.exec(hostname) ?? [];
  if (standard !== undefined) return { endpoint: origin, region: standard };
  const [, legacy = 'us-east-1', suffix] = LEGACY.exec(hostname) ?? [];
  if (suffix !== undefined) return { endpoint: `https://sqs.${legacy}.${suffix}`, region: legacy };
  return { endpoint: origin, region: undefined };
}
