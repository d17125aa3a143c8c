import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFaultBook } from '../fault-book.ts';
import type { AwsCall } from './call.ts';
import { throttle } from './throttle.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const call = (action = 'DescribeInstances'): AwsCall => ({
  at: Date.now(),
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
    throttle(faults, 'ec2', { burst: 2, perSecond: 1 });
    const isThrottled = (): boolean => faults.take(call()).misbehaviour !== undefined;
    expect([isThrottled(), isThrottled(), isThrottled()]).toEqual([false, false, true]);
    vi.advanceTimersByTime(1000);
    expect([isThrottled(), isThrottled()]).toEqual([false, true]);
    vi.advanceTimersByTime(60_000);
    expect([isThrottled(), isThrottled(), isThrottled()]).toEqual([false, false, true]);
  });

  it('leaves other services and actions alone', () => {
    const faults = createFaultBook<AwsCall>();
    throttle(faults, 'ec2', { burst: 0, perSecond: 0, actions: ['DescribeInstances'] });
    expect(faults.take(call('DescribeTags')).misbehaviour).toBeUndefined();
    expect(faults.take({ ...call(), service: 'sqs' }).misbehaviour).toBeUndefined();
    expect(faults.take(call()).misbehaviour).toMatchObject({ code: 'RequestLimitExceeded', status: 503 });
  });
});
