import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidWebhookOptionError } from './errors.ts';
import { checkOptions } from './options.ts';
import type { WebhookNotifierOptions } from './options.ts';

const URL_OK = 'https://hooks.example.com/T000/B000/XXXX';

function problemsOf(options: unknown): readonly string[] {
  try {
    checkOptions(options as WebhookNotifierOptions);
  } catch (error) {
    if (error instanceof InvalidWebhookOptionError) {
      return error.problems.map(({ option, message }) => `${option} ${message}`);
    }
    throw error;
  }
  return [];
}

describe('the options', () => {
  it('have defaults for all but the address', () => {
    expect(checkOptions({ url: URL_OK })).toEqual({
      url: new URL(URL_OK),
      headers: { 'Content-type': 'application/json' },
      timeoutMs: 5000,
      tries: 4,
      retryDelayMs: 500,
      queueLimit: 1000,
      concurrency: 4,
    });
  });

  it('are refused with every fault at once', () => {
    expect(
      problemsOf({
        url: 'ftp://x',
        headers: { a: 'b\nc', 'b d': 'e' },
        proxy: 'socks5://p:1',
        timeoutMs: 0,
        tries: 1.5,
      }),
    ).toEqual([
      'url must be an address that begins with http:// or https://',
      'headers has a line break in the value of a',
      'headers has a name that no header may have (header 2)',
      'proxy must be the address of a proxy that begins with http:// or https://',
      'timeoutMs must be a whole number from 1 to 300000',
      'tries must be a whole number from 1 to 20',
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'options must be given'],
    [{}, 'url must be given'],
    [{ url: 7 }, 'url must be an address that begins with http:// or https://'],
    [{ url: 'not an address' }, 'url must be an address that begins with http:// or https://'],
    [{ url: 'http://u%zz@h/' }, 'url has a user or password whose percent-encoding is broken'],
    [{ url: URL_OK, proxy: 'http://u:p%@h' }, 'proxy has a user or password whose percent-encoding is broken'],
    [{ url: URL_OK, headers: 'a: b' }, 'headers must be an object of texts'],
    [{ url: URL_OK, headers: { a: 1 } }, 'headers must hold texts only'],
    [{ url: URL_OK, headers: { a: 'b\rInjected: yes' } }, 'headers has a line break in the value of a'],
    [{ url: URL_OK, headers: { a: 'b\u0000' } }, 'headers has a character in the value of a that no header may hold'],
    [{ url: URL_OK, headers: { 'a\r\nInjected': 'b' } }, 'headers has a name that no header may have (header 1)'],
    [{ url: URL_OK, headers: { '': 'b' } }, 'headers has a name that no header may have (header 1)'],
    [{ url: URL_OK, retryDelayMs: -1 }, 'retryDelayMs must be a whole number from 0 to 30000'],
    [{ url: URL_OK, queueLimit: 0 }, 'queueLimit must be a whole number from 1 to 100000'],
    [{ url: URL_OK, concurrency: 'x' }, 'concurrency must be a whole number from 1 to 100'],
  ])('%j: %s', (options, problem) => {
    expect(problemsOf(options)).toEqual([problem]);
  });

  it('leave out headers that follow from the address and the body', () => {
    const { headers } = checkOptions({ url: URL_OK, headers: { Host: 'x', 'CONTENT-LENGTH': '1', 'X-Mine': 'y' } });
    expect(headers).toEqual({ 'X-Mine': 'y' });
  });

  it('are never quoted in what is said of them', () => {
    const secret = 'hunter2';
    const options = {
      url: `gopher://${secret}.example.com/${secret}`,
      headers: { [`X ${secret}`]: 'a', Authorization: `Bearer ${secret}\n`, X: `${secret}\u0001`, Y: secret },
      proxy: `http://u:${secret}%@proxy`,
      timeoutMs: secret as unknown as number,
    };
    let error: unknown;
    try {
      checkOptions(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidWebhookOptionError);
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(secret);
  });
});
