import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { explainFailure } from './failures.ts';

const poll = {
  service: 'SQS',
  action: 'ReceiveMessage',
  region: 'eu-west-1',
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/nth',
};

/** A refusal as the SDK makes it of an answer. */
function refusal(name: string, message: string): AutoScalingServiceException {
  return new AutoScalingServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 403 } });
}

describe('a refusal', () => {
  it.each([
    [
      poll,
      'AccessDenied',
      'User: arn:aws:sts::123456789012:assumed-role/nth/i-1 is not authorized to perform: sqs:receivemessage on resource: arn:aws:sqs:eu-west-1:123456789012:nth because no identity-based policy allows the sqs:receivemessage action',
      'allow sqs:receivemessage on arn:aws:sqs:eu-west-1:123456789012:nth to the role nth of account 123456789012',
    ],
    [
      { ...poll, action: 'ChangeMessageVisibilityBatch' },
      'AccessDenied',
      'Access to the resource is denied.',
      'the queue is of account 123456789012; allow sqs:ChangeMessageVisibility to the role',
    ],
    [
      { service: 'EC2', action: 'DescribeInstances', region: 'eu-west-1' },
      'UnauthorizedOperation',
      'You are not authorized to perform this operation. Encoded authorization failure message: abcDEF_123-456',
      'You are not authorized to perform this operation.; allow ec2:DescribeInstances to the role',
    ],
    [
      { service: 'Auto Scaling', action: 'CompleteLifecycleAction', region: 'eu-west-1' },
      'AccessDenied',
      'User: arn:aws-cn:sts::1234:assumed-role/nth/x is not authorized to perform: autoscaling:CompleteLifecycleAction with an explicit deny in a service control policy',
      'an explicit deny in the service control policy forbids autoscaling:CompleteLifecycleAction to the role nth of account 1234',
    ],
    [
      poll,
      'AWS.SimpleQueueService.NonExistentQueue',
      'no queue',
      'the queue is of account 123456789012; check QUEUE_URL',
    ],
    [poll, 'KMS.AccessDeniedException', 'no', 'allow kms:Decrypt on the key of the queue'],
    [poll, 'SignatureDoesNotMatch', 'no', 'check the keys and the clock'],
  ])('of %o with %s names what is missing', (call, name, message, advice) => {
    const error = refusal(name, message);
    const { message: told } = explainFailure(call, error);
    expect(told).toContain(`${call.service} ${call.action} in eu-west-1`);
    expect(told).toContain(`was refused (${name}): `);
    expect(told).toContain(advice);
    expect(told).not.toContain('Encoded');
  });

  it('stays the error that it is', () => {
    const error = refusal('ValidationError', 'No active Lifecycle Action found');
    const told = explainFailure(
      { service: 'Auto Scaling', action: 'CompleteLifecycleAction', region: 'eu-west-1' },
      error,
    );
    expect(told).toBe(error);
    expect(told).toBeInstanceOf(AutoScalingServiceException);
    expect(told.message).toMatch(/No active Lifecycle Action found$/);
  });
});

describe('a failure without an answer', () => {
  it.each([
    [Object.assign(new Error('getaddrinfo ENOTFOUND sqs'), { code: 'ENOTFOUND' }), 'check AWS_REGION'],
    [Object.assign(new Error('self-signed certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'NODE_EXTRA_CA_CERTS'],
  ])('names its cause and what to look at: %s', (cause, advice) => {
    const error = explainFailure(poll, cause);
    expect(error.message).toContain(`SQS ReceiveMessage in eu-west-1 (${poll.queueUrl}) failed: ${cause.message}; `);
    expect(error.message).toContain(advice);
    expect(error.cause).toBe(cause);
  });
});
