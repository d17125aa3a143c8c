/** The actions of the policy that the Go handler's documentation asks for, for the queue: https://github.com/aws/aws-node-termination-handler#5-iam-role-for-ec2-instances-or-pods */
const oldActions = [
  'autoscaling:CompleteLifecycleAction',
  'autoscaling:DescribeAutoScalingInstances',
  'autoscaling:DescribeTags',
  'ec2:DescribeInstances',
  'sqs:DeleteMessage',
  'sqs:ReceiveMessage',
];

/** What queue-processor needs; a test holds it to docs/aws/cloudformation.yaml. */
export const neededActions = [
  'autoscaling:CompleteLifecycleAction',
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeAutoScalingInstances',
  'autoscaling:DescribeLifecycleHooks',
  'autoscaling:RecordLifecycleActionHeartbeat',
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceStatus',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
];

/** The actions of the old policy that nothing needs any more. */
export const needlessActions = oldActions.filter((action) => !neededActions.includes(action));

/** One statement of an IAM policy. */
interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string;
}

/** What to add to the role of the Go handler, so that queue-processor can do all that it does. */
export interface PolicyDifference {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/**
 * The policy to add beside the old one.
 *
 * @param queueURL narrows the actions on the queue to it, where the URL says which it is.
 */
export function policyDifference(queueURL?: unknown): PolicyDifference {
  const missing = neededActions.filter((action) => !oldActions.includes(action));
  const onQueue = missing.filter((action) => action.startsWith('sqs:'));
  const onGroups = missing.filter((action) => action.includes('LifecycleAction'));
  const others = missing.filter((action) => ![...onQueue, ...onGroups].includes(action));
  const place = placeOf(queueURL);
  const arn = (service: string, name: string): string =>
    place === undefined ? '*' : `arn:${place.partition}:${service}:${place.region}:${place.account}:${name}`;
  return {
    Version: '2012-10-17',
    Statement: [
      statement('Queue', onQueue, arn('sqs', place?.name ?? '')),
      statement('LifecycleActions', onGroups, arn('autoscaling', 'autoScalingGroup:*')),
      // AWS can't narrow these.
      statement('Look', others, '*'),
    ],
  };
}

function statement(name: string, actions: readonly string[], resource: string): Statement {
  return { Sid: `NodeTerminationHandler${name}`, Effect: 'Allow', Action: actions, Resource: resource };
}

/** Where a queue is. */
interface QueuePlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

/** Beginnings of regions' names with their partitions; all others are of `aws`. */
const PARTITIONS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^us-iso-/, 'aws-iso'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-isof-/, 'aws-iso-f'],
];

/** An address of SQS in any of its forms, VPC endpoints' and the former one (`REGION.queue.…`) among them. */
const QUEUE_URL =
  /^https:\/\/(?:[\w-]+\.)?(?:sqs(?:-fips)?\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.[a-z0-9.-]+\/(\d{12})\/([\w-]+(?:\.fifo)?)$/;

/** Where a queue is, as its URL says it: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
function placeOf(queueURL: unknown): QueuePlace | undefined {
  const [, present, former, account, name] = QUEUE_URL.exec(String(queueURL)) ?? [];
  const region = present ?? former;
  if (region === undefined || account === undefined || name === undefined) return undefined;
  return { partition: PARTITIONS.find(([of]) => of.test(region))?.[1] ?? 'aws', region, account, name };
}
