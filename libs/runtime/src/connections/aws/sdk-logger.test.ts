import { expect, it, vi } from 'vitest';
import { createSdkLogger } from './sdk-logger.ts';

const setUp = () => {
  const log = { debug: vi.fn(), warn: vi.fn() };
  return { log, sdk: createSdkLogger(log) };
};

it('tells a warning of the SDK once, on one line', () => {
  const { log, sdk } = setUp();
  sdk.warn('deprecated:\n  Node 20', { Authorization: 'secret' });
  sdk.warn('deprecated: Node 20');
  sdk.warn();
  expect(log.warn.mock.calls).toEqual([['AWS SDK: deprecated: Node 20']]);
});

it('tells its other words at debug, errors by their message, and leaves out its traces, requests and answers', () => {
  const { log, sdk } = setUp();
  sdk.info('refreshing');
  sdk.error(new Error('failed'), 'again');
  sdk.info({ input: { MessageBody: 'secret' } });
  sdk.debug('a request');
  sdk.trace?.('a trace');
  expect(log.debug.mock.calls).toEqual([['AWS SDK: refreshing'], ['AWS SDK: failed again']]);
  expect(log.warn).not.toHaveBeenCalled();
});

it('remembers fifty warnings, and tells more as they come', () => {
  const { log, sdk } = setUp();
  for (let said = 0; said < 2; said += 1) for (let one = 0; one < 51; one += 1) sdk.warn(`warning ${one}`);
  expect(log.warn).toHaveBeenCalledTimes(52);
});
