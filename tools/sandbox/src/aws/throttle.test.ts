import { beforeEach, describe, expect, it } from 'vitest';
import { createFaultBook } from '../fault-book.ts';
import type { AwsCall } from './call.ts';
import { throttle } from './throttle.ts';

let now = 0;
beforeEach(() => {
  now = 0;
});

const call = (action = 'DescribeInstances'): AwsCall => ({
  at: now,
  service: 'ec2',
  action,
  input: {},
  accessKeyId: 'AKID',
  region: 'us-east-1',
  status: undefined,
  answeredAt: undefined,
});

describe('a throttle', () => {
  it('lets a burst through, then as many as its rate gives', () => {
    const faults = createFaultBook<AwsCall>();
    throttle(faults, 'ec2', { burst: 2, perSecond: 1 }, now);
    const isThrottled = (): boolean => faults.take(call()).misbehaviour !== undefined;
    expect([isThrottled(), isThrottled(), isThrottled()]).toEqual([false, false, true]);
    now += 1000;
    expect([isThrottled(), isThrottled()]).toEqual([false, true]);
    now += 60_000;
    expect([isThrottled(), isThrottled(), isThrottled()]).toEqual([false, false, true]);
  });

  it('leaves other services and actions alone', () => {
    const faults = createFaultBook<AwsCall>();
    throttle(faults, 'ec2', { burst: 0, perSecond: 0, actions: ['DescribeInstances'] }, now);
    expect(faults.take(call('DescribeTags')).misbehaviour).toBeUndefined();
    expect(faults.take({ ...call(), service: 'sqs' }).misbehaviour).toBeUndefined();
    expect(faults.take(call()).misbehaviour).toMatchObject({ code: 'RequestLimitExceeded', status: 503 });
  });
});
