import type { FaultBook, Misbehaviour } from '../fault-book.ts';
import type { AwsCall, AwsService } from './call.ts';

/** How many calls a service takes: a bucket of `burst` calls that fills by `perSecond`. */
export interface CallRate {
  readonly burst: number;
  readonly perSecond: number;
  /** Only these actions. Default: all of the service's. */
  readonly actions?: readonly string[];
}

/**
 * How each service says that it is called too often.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export const throttlingErrors: Readonly<Record<AwsService, Misbehaviour & { kind: 'error' }>> = {
  sqs: { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded', status: 400 },
  ec2: { kind: 'error', code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 },
  autoscaling: { kind: 'error', code: 'Throttling', message: 'Rate exceeded', status: 400 },
  unknown: { kind: 'error', code: 'Throttling', message: 'Rate exceeded', status: 400 },
};

/** Limits the calls of a service from now on; call the answer to lift the limit. `now` in ms since the epoch. */
export function throttle(faults: FaultBook<AwsCall>, service: AwsService, rate: CallRate, now: number): () => void {
  let tokens = rate.burst;
  let filledAt = now;
  return faults.add({
    matches: (call) => {
      if (call.service !== service || rate.actions?.includes(call.action) === false) return false;
      tokens = Math.min(rate.burst, tokens + ((call.at - filledAt) / 1000) * rate.perSecond);
      filledAt = call.at;
      if (tokens < 1) return true;
      tokens -= 1;
      return false;
    },
    misbehaviour: throttlingErrors[service],
  });
}
