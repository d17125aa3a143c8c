import { describe, expect, it } from 'vitest';

import { ImdsOptionsError } from './errors.ts';
import { checkOptions } from './options.ts';

describe('checkOptions', () => {
  it('fills in the defaults', () => {
    const { endpoint, onNotice, ...numbers } = checkOptions({});
    expect(endpoint.href).toBe('http://169.254.169.254/');
    expect(numbers).toEqual({
      tries: 3,
      requestTimeoutMs: 1_000,
      tokenTimeoutMs: 1_000,
      totalTimeoutMs: 5_000,
      tokenTtlSeconds: 21_600,
      retryTokensAfterMs: 60_000,
    });
    expect(() => onNotice({ kind: 'v2-again', message: '' })).not.toThrow();
  });

  it('takes an IPv6 address', () => {
    expect(checkOptions({ endpoint: 'http://[fd00:ec2::254]' }).endpoint.hostname).toBe('[fd00:ec2::254]');
  });

  it.each([
    '',
    'nonsense',
    '169.254.169.254',
    'https://a',
    'file:///etc',
    'http://u:p@a',
    'http://a/?b',
    'http://a/#b',
  ])('refuses the endpoint %j', (endpoint) => {
    expect(() => checkOptions({ endpoint })).toThrow(new ImdsOptionsError(['endpoint is not a plain http:// URL']));
  });

  it('names every fault at once', () => {
    const faulty = {
      endpoint: 'x',
      tries: 0,
      tokenTtlSeconds: 21_601,
      requestTimeoutMs: 1.5,
      totalTimeoutMs: Number.NaN,
    };
    expect(() => checkOptions(faulty)).toThrow(
      new ImdsOptionsError([
        'endpoint is not a plain http:// URL',
        'tries is not a whole number from 1 to 100',
        'requestTimeoutMs is not a whole number from 1 to 60000',
        'totalTimeoutMs is not a whole number from 1 to 600000',
        'tokenTtlSeconds is not a whole number from 1 to 21600',
      ]),
    );
  });
});
