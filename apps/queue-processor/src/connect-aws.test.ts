import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import { findRegion } from './connect-aws.ts';

describe('the region', () => {
  it('is the setting, where there is one', async () => {
    const { signal } = new AbortController();
    expect(await findRegion('eu-central-1', 'http://127.0.0.1:1/1/q', new VirtualClock(), signal)).toBe('eu-central-1');
  });

  it('is looked for no more when the program is told to stop', async () => {
    const stopped = AbortSignal.abort(new Error('stop'));
    const url = 'https://sqs.eu-west-1.amazonaws.com/1/q';
    await expect(findRegion(undefined, url, new VirtualClock(), stopped)).rejects.toThrow('stop');
  });
});
