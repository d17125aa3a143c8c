import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { neededActions, policyDifference } from './iam.ts';

describe('policyDifference', () => {
  it('adds what queue-processor needs and the old policy has not (P14)', () => {
    const { Statement } = policyDifference('https://sqs.eu-west-1.amazonaws.com/123456789012/nth');
    expect(Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'], 'arn:aws:sqs:eu-west-1:123456789012:nth'],
      [['autoscaling:RecordLifecycleActionHeartbeat'], 'arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*'],
      [
        ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks', 'ec2:DescribeInstanceStatus'],
        '*',
      ],
    ]);
  });

  it.each([
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/nth', 'arn:aws-cn:sqs:cn-north-1:123456789012:nth'],
    [
      'https://sqs.us-gov-west-1.amazonaws.com/123456789012/n.fifo',
      'arn:aws-us-gov:sqs:us-gov-west-1:123456789012:n.fifo',
    ],
    ['https://sqs.us-iso-east-1.c2s.ic.gov/123456789012/nth', 'arn:aws-iso:sqs:us-iso-east-1:123456789012:nth'],
    ['https://sqs.eu-west-1.api.aws/123456789012/nth', 'arn:aws:sqs:eu-west-1:123456789012:nth'],
    ['https://sqs-fips.us-east-1.amazonaws.com/123456789012/nth', 'arn:aws:sqs:us-east-1:123456789012:nth'],
    ['https://eu-west-1.queue.amazonaws.com/123456789012/nth', 'arn:aws:sqs:eu-west-1:123456789012:nth'],
    [
      'https://vpce-0a1-2b3.sqs.eu-west-1.vpce.amazonaws.com/123456789012/nth',
      'arn:aws:sqs:eu-west-1:123456789012:nth',
    ],
    ['http://localhost:4566/000000000000/nth', '*'],
    [undefined, '*'],
  ])('narrows the actions on the queue to %s', (url, arn) => {
    expect(policyDifference(url).Statement[0]?.Resource).toBe(arn);
  });

  it('knows the actions of the role in docs/aws/cloudformation.yaml', () => {
    const template = readFileSync(new URL('../../../docs/aws/cloudformation.yaml', import.meta.url), 'utf8');
    const listed = [...template.matchAll(/^ +- ((?:sqs|ec2|autoscaling):\w+)$/gm)].map(([, action]) => action);
    expect(listed.sort()).toEqual([...neededActions].sort());
  });
});
