import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BadAnswer, createAnswerReader, MAX_BODY_BYTES } from './answer-reader.ts';

function read(...parts: readonly string[]) {
  const reader = createAnswerReader();
  let answer;
  for (const part of parts) answer = reader.read(Buffer.from(part, 'latin1'));
  return answer;
}

function bodyOf(text: string) {
  return read(text)?.body.toString('latin1');
}

describe('an answer', () => {
  it('has a status, headers by small names and a body', () => {
    const answer = read(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain \r\nX-Two: a\r\nx-two: b\r\nContent-Length: 2\r\n\r\nhi',
    );
    expect(answer?.status).toBe(200);
    expect([...answer!.headers]).toEqual([
      ['content-type', 'text/plain'],
      ['x-two', 'a, b'],
      ['content-length', '2'],
    ]);
    expect(answer?.body.toString()).toBe('hi');
    expect(answer?.keepsAlive).toBe(true);
  });

  it('is not complete before its body is', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh')).toBeUndefined();
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'h', 'i')?.body.toString()).toBe('hi');
  });

  it('may have no body', () => {
    expect(bodyOf('HTTP/1.1 204 No Content\r\n\r\n')).toBe('');
    expect(bodyOf('HTTP/1.1 304\r\n\r\n')).toBe('');
    expect(bodyOf('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')).toBe('');
  });

  it('may come after interim ones', () => {
    expect(bodyOf('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')).toBe('hi');
  });

  it('may come in chunks, with extensions and trailers', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n';
    expect(bodyOf(`${head}2\r\nhi\r\n0\r\n\r\n`)).toBe('hi');
    expect(bodyOf(`${head}A;x=1\r\n0123456789\r\n1 \r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n`)).toBe('0123456789!');
    expect(read(head, '2\r\nh', 'i\r\n0\r', '\n', '\r\n')?.keepsAlive).toBe(true);
    expect(read(`${head}2\r\nhi\r\n0\r\nX-Trailer: 1`)).toBeUndefined();
    expect(read(`${head}2\r\nhi\r\n`)).toBeUndefined();
  });

  it('may end with the connection', () => {
    const reader = createAnswerReader();
    expect(reader.read(Buffer.from('HTTP/1.0 200 OK\r\n\r\nhal'))).toBeUndefined();
    expect(reader.read(Buffer.from('f'))).toBeUndefined();
    expect(reader.end()).toMatchObject({ status: 200, body: Buffer.from('half'), keepsAlive: false });
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore', false],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore', false],
  ])('says whether the connection can go on: %j', (text, keepsAlive) => {
    expect(read(text)?.keepsAlive).toBe(keepsAlive);
  });
});

describe('a bad answer', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', 'is not HTTP'],
    ['HTTP/2 200 OK\r\n\r\n', 'is not HTTP'],
    ['HTTP/1.1 999 What\r\n\r\n', 'is not HTTP'],
    ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'is not HTTP'],
    ['HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n', 'is not HTTP'],
    ['HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n', 'is not HTTP'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(16_384)}`, 'has headers longer than 16384 bytes'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(16_384)}\r\n\r\n`, 'has headers longer than 16384 bytes'],
    ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'is framed in an unknown way'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'is framed in an unknown way'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'is framed in an unknown way'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n', 'is framed in an unknown way'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'is framed in an unknown way'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc', 'is framed in an unknown way'],
    [`HTTP/1.1 200 OK\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`, 'is longer than 65536 bytes'],
    [`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(MAX_BODY_BYTES + 1)}`, 'is longer than 65536 bytes'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n', 'is longer than 65536 bytes'],
    [
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(30_000)}`,
      'is longer than 65536 bytes',
    ],
  ])('is refused: %j', (text, problem) => {
    expect(() => read(text)).toThrow(new BadAnswer(problem));
  });

  it.each([[], ['HTTP/1.1 20'], ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh']])(
    'ends too early: %j',
    (...parts) => {
      const reader = createAnswerReader();
      for (const part of parts) reader.read(Buffer.from(part));
      expect(() => reader.end()).toThrow(new BadAnswer('ended too early'));
    },
  );
});

describe('any bytes', () => {
  const someBytes = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc
      .tuple(
        fc.constantFrom('Content-Length: 3', 'Transfer-Encoding: chunked', 'Connection: close', 'X: y', '\r'),
        fc.constantFrom('200 OK', '404 Not Found', '100 Continue', '204'),
        fc.oneof(fc.constant('3\r\nabc\r\n0\r\n\r\n'), fc.string({ maxLength: 20 })),
      )
      .map(([header, status, body]) => `HTTP/1.1 ${status}\r\n${header}\r\n\r\n${body}`),
  );

  function outcomeOf(parts: readonly Buffer[]): unknown {
    const reader = createAnswerReader();
    try {
      for (const part of parts) {
        const answer = reader.read(part);
        // What follows a complete answer is not handed to its reader.
        if (answer !== undefined)
          return { status: answer.status, headers: [...answer.headers], body: answer.body.toString() };
      }
      const answer = reader.end();
      return { status: answer.status, headers: [...answer.headers], body: answer.body.toString() };
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      return 'bad';
    }
  }

  it('give an answer, or are refused in a known way, however they are cut', () => {
    fc.assert(
      fc.property(someBytes, fc.array(fc.nat(100)), (text, cuts) => {
        const bytes = Buffer.from(text, 'latin1');
        const at = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
        const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(outcomeOf(parts)).toEqual(outcomeOf([bytes]));
      }),
      { numRuns: 500 },
    );
  });
});
