import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_HEAD, readRequestHead } from './request-head.ts';

const request = (...lines: readonly string[]) => readRequestHead(`${lines.join('\r\n')}\r\n\r\n`);

describe('the head of a request', () => {
  it('is read as far as an answer needs it', () => {
    // What kubelet and Prometheus send.
    expect(
      request('GET /healthz HTTP/1.1', 'Host: 10.0.0.1:8080', 'User-Agent: kube-probe/1.37', 'Connection: close'),
    ).toEqual({ state: 'whole', request: { method: 'GET', path: '/healthz', accept: undefined } });
    expect(
      request('GET /metrics?x=1 HTTP/1.1', 'host: a', 'ACCEPT:application/openmetrics-text', 'Accept: text/plain '),
    ).toEqual({
      state: 'whole',
      request: { method: 'GET', path: '/metrics', accept: 'application/openmetrics-text, text/plain' },
    });
    expect(request('HEAD / HTTP/1.0')).toMatchObject({ state: 'whole', request: { method: 'HEAD', path: '/' } });
  });

  it('may come in pieces, and nothing after it counts', () => {
    const whole = 'GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n';
    for (let length = 0; length < whole.length; length += 1)
      expect(readRequestHead(whole.slice(0, length))).toEqual({ state: 'unfinished' });
    expect(readRequestHead(`${whole}\u0000 anything`)).toMatchObject({ state: 'whole', request: { path: '/readyz' } });
  });

  it.each([
    ['no method', '/ HTTP/1.1'],
    ['two spaces', 'GET  / HTTP/1.1'],
    ['small letters', 'get / HTTP/1.1'],
    ['no path', 'GET HTTP/1.1'],
    ['a whole URL', 'GET http://a/ HTTP/1.1'],
    ['another version', 'GET / HTTP/2.0'],
    ['a control character', 'GET /\u0001 HTTP/1.1'],
    ['a letter beyond ASCII', 'GET /\u00e9 HTTP/1.1'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a'],
    ['a header line without a colon', 'GET / HTTP/1.1\r\nHost'],
    ['a folded header line', 'GET / HTTP/1.1\r\nA: b\r\n c'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nA : b'],
    ['a zero in a header line', 'GET / HTTP/1.1\r\nA: \u0000'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001'],
  ])('is refused with %s', (_what, text) => {
    expect(readRequestHead(`${text}\r\n\r\n`)).toMatchObject({ state: 'refused', status: 400 });
  });

  it('is refused when it is too long, whole or not', () => {
    const line = 'GET / HTTP/1.1\r\nA: ';
    const fitting = line + 'x'.repeat(LONGEST_HEAD - line.length - 4);
    expect(readRequestHead(`${fitting}\r\n\r\n`)).toMatchObject({ state: 'whole' });
    expect(readRequestHead(`${fitting}x\r\n\r\n`)).toMatchObject({ state: 'refused', status: 431 });
    expect(readRequestHead('x'.repeat(LONGEST_HEAD))).toMatchObject({ state: 'refused', status: 431 });
  });

  it('never makes trouble, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
        expect(['unfinished', 'refused', 'whole']).toContain(readRequestHead(text).state);
      }),
    );
  });
});
