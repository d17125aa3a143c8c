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
  const others = missing.filter((action) => !action.startsWith('sqs:'));
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'NodeTerminationHandlerQueue', Effect: 'Allow', Action: onQueue, Resource: queueArn(queueURL) },
      { Sid: 'NodeTerminationHandlerLook', Effect: 'Allow', Action: others, Resource: '*' },
    ],
  };
}

/** The queue's ARN, as its URL says it: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
function queueArn(queueURL: unknown): string {
  const [, region, suffix, account, name] =
    /^https:\/\/sqs(?:-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)\/(\d{12})\/([\w-]+(?:\.fifo)?)$/.exec(
      String(queueURL),
    ) ?? [];
  if (region === undefined) return '*';
  const partition = suffix === 'amazonaws.com.cn' ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:sqs:${region}:${account}:${name}`;
}
