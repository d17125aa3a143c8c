import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';

import { createImdsClient } from './client.ts';
import { ImdsResponseError, ImdsStatusError, ImdsTimeoutError } from './errors.ts';
import { checkOptions } from './options.ts';
import type { ImdsClientOptions, ImdsNotice } from './options.ts';
import { turn, until } from './testing/collect.ts';
import { answer, startMetadataServer } from './testing/metadata-server.ts';
import type { MetadataServer } from './testing/metadata-server.ts';
import { createTokenSource, TOKEN_PATH } from './token.ts';
import type { TextAnswer, Transport } from './transport.ts';

const ID = '/latest/meta-data/instance-id';

function tokenRequests({ seen }: MetadataServer): number {
  return seen.filter(({ path }) => path === TOKEN_PATH).length;
}

it('is no matter of the hop limit when all kept connections have died silently and the token has expired', async () => {
  const clock = new VirtualClock();
  await using server = await startMetadataServer({ [ID]: 'i-1' });
  const notices: ImdsNotice[] = [];
  using imds = createImdsClient({ endpoint: server.url, clock, onNotice: (notice) => notices.push(notice) });
  await Promise.all(Array.from({ length: 4 }, () => imds.get(ID)));
  const dead = new Set(server.sockets);
  expect(dead.size).toBe(4);
  server.intercept = ({ socket }) => dead.has(socket);
  server.tokens.clear();
  await clock.advance(21_600_000);
  const asked = server.seen.length;
  const reading = imds.get(ID);
  await until(() => server.seen.length > asked);
  await clock.advance(500);
  expect(await reading).toBe('i-1');
  expect(notices).toEqual([]);
  expect(server.connections).toBe(5);
});

describe('a session token', () => {
  it('is asked for once by all who need it at the same time', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    using imds = createImdsClient({ endpoint: server.url });
    await Promise.all(Array.from({ length: 10 }, () => imds.get(ID)));
    expect(tokenRequests(server)).toBe(1);
  });

  it('is replaced when the service takes it no longer', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    using imds = createImdsClient({ endpoint: server.url });
    await imds.get(ID);
    server.tokens.clear();
    const bodies = await Promise.all(Array.from({ length: 5 }, () => imds.get(ID)));
    expect(bodies).toEqual(Array.from({ length: 5 }, () => 'i-1'));
    expect(tokenRequests(server)).toBe(2);
  });

  it('that is refused again and again ends in an error', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request, response) => request.method === 'GET' && answer(response, 401);
    using imds = createImdsClient({ endpoint: server.url });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsStatusError(ID, 401));
    expect(tokenRequests(server)).toBe(2);
  });

  it.each(['<html>', 'two words', '', 'x'.repeat(1_025), 'é'])('must look like one: %j', async (body) => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request, response) => request.method === 'PUT' && answer(response, 200, body);
    using imds = createImdsClient({ endpoint: server.url, tries: 1 });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsResponseError(TOKEN_PATH, 'is not a session token'));
  });

  it('is asked for again when the service fails', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    let bad = 2;
    server.intercept = (request, response) => request.method === 'PUT' && (bad -= 1) >= 0 && answer(response, 500);
    using imds = createImdsClient({ endpoint: server.url, tries: 3 });
    expect(await imds.get(ID)).toBe('i-1');
    expect(tokenRequests(server)).toBe(3);
  });
});

describe('a service without tokens', () => {
  it.each([403, 404, 405])('(%i) is read without, and that is said once', async (status) => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.needsToken = false;
    server.intercept = (request, response) => request.method === 'PUT' && answer(response, status);
    const notices: ImdsNotice[] = [];
    using imds = createImdsClient({ endpoint: server.url, onNotice: (notice) => notices.push(notice) });
    for (let count = 0; count < 3; count += 1) expect(await imds.get(ID)).toBe('i-1');
    expect(tokenRequests(server)).toBe(1);
    expect(notices).toEqual([
      {
        kind: 'v1-fallback',
        message: `instance metadata refuses session tokens (${status}); going on with IMDSv1`,
      },
    ]);
  });

  it('that lets the token request hang is read without, and the hop limit is named once', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.needsToken = false;
    server.intercept = (request) => request.method === 'PUT';
    const notices: ImdsNotice[] = [];
    using imds = createImdsClient({
      endpoint: server.url,
      tokenTimeoutMs: 30,
      onNotice: (notice) => notices.push(notice),
    });
    for (let count = 0; count < 3; count += 1) expect(await imds.get(ID)).toBe('i-1');
    expect(notices.map(({ kind }) => kind)).toEqual(['hop-limit']);
    expect(notices[0]?.message).toMatch(/hop limit \(HttpPutResponseHopLimit\)/);
  });

  it('that wants one all the same ends in an error, and is asked for one at each request', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request, response) => request.method === 'PUT' && answer(response, 403);
    const notices: ImdsNotice[] = [];
    using imds = createImdsClient({ endpoint: server.url, onNotice: (notice) => notices.push(notice) });
    await expect(imds.get(ID)).rejects.toThrow(
      'instance metadata answered 401 (it wants a token, and took none of ours)',
    );
    server.intercept = () => false;
    expect(await imds.get(ID)).toBe('i-1');
    expect(notices.map(({ kind }) => kind)).toEqual(['v1-fallback', 'v2-again']);
  });

  it('is tried again later without holding up a request', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.needsToken = false;
    server.intercept = (request, response) => request.method === 'PUT' && answer(response, 404);
    const notices: ImdsNotice[] = [];
    using imds = createImdsClient({
      endpoint: server.url,
      retryTokensAfterMs: 1,
      onNotice: (notice) => notices.push(notice),
    });
    await imds.get(ID);
    server.intercept = () => false;
    while (notices.length < 2) await imds.get(ID);
    expect(notices.map(({ kind }) => kind)).toEqual(['v1-fallback', 'v2-again']);
    await imds.get(ID);
    expect(server.seen.at(-1)?.token).toMatch(/^TOKEN-/);
  });
});

/** A transport whose token requests are answered by hand, and a clock that is moved by hand. */
function tokenBench(options: ImdsClientOptions = {}) {
  const bench = {
    nowMs: 0,
    asked: 0,
    answers: [] as (TextAnswer | Error)[],
    notices: [] as ImdsNotice['kind'][],
  };
  const transport: Transport = {
    send() {
      bench.asked += 1;
      const next = bench.answers.shift() ?? given(`T${bench.asked}`);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    close: () => undefined,
  };
  const checked = checkOptions({ ...options, onNotice: ({ kind }) => bench.notices.push(kind) });
  return { bench, tokens: createTokenSource(transport, checked, () => bench.nowMs) };
}

function given(body: string, ttl?: string): TextAnswer {
  return {
    status: 200,
    headers: new Map(ttl === undefined ? [] : [['x-aws-ec2-metadata-token-ttl-seconds', ttl]]),
    body,
  };
}

describe('the life of a token', () => {
  it('is known at once until it nears its end, and is renewed then in the background', async () => {
    const { bench, tokens } = tokenBench({ tokenTtlSeconds: 1_000 });
    expect(await tokens.get()).toBe('T1');
    bench.nowMs = 899_999;
    expect(tokens.get()).toBe('T1');
    expect(bench.asked).toBe(1);
    bench.nowMs = 900_000;
    expect(tokens.get()).toBe('T1');
    expect(tokens.get()).toBe('T1');
    await until(() => tokens.get() === 'T2');
    expect(bench.asked).toBe(2);
  });

  it('is renewed five minutes before the end of a long life', async () => {
    const { bench, tokens } = tokenBench();
    await tokens.get();
    bench.nowMs = 21_600_000 - 300_001;
    void tokens.get();
    expect(bench.asked).toBe(1);
    bench.nowMs += 1;
    void tokens.get();
    expect(bench.asked).toBe(2);
  });

  it.each([
    ['60', 60],
    ['0', 1_000],
    ['9999999', 1_000],
    ['soon', 1_000],
  ])('is what the service says, if that makes sense: %s', async (ttl, seconds) => {
    const { bench, tokens } = tokenBench({ tokenTtlSeconds: 1_000 });
    bench.answers.push(given('T', ttl));
    await tokens.get();
    bench.nowMs = seconds * 900 - 1;
    void tokens.get();
    expect(bench.asked).toBe(1);
    bench.nowMs = seconds * 1_000;
    expect(await tokens.get()).toBe('T2');
  });

  it('outlasts failed renewals, which are not tried at each request', async () => {
    const { bench, tokens } = tokenBench({ tokenTtlSeconds: 1_000 });
    await tokens.get();
    bench.nowMs = 950_000;
    bench.answers.push(new ImdsStatusError(TOKEN_PATH, 500), { ...given(''), status: 404 });
    expect(tokens.get()).toBe('T1');
    await turn();
    expect(tokens.get()).toBe('T1');
    expect(bench.asked).toBe(2);
    bench.nowMs = 955_000;
    expect(tokens.get()).toBe('T1');
    expect(bench.asked).toBe(3);
    expect(tokens.get()).toBe('T1');
    await turn();
    expect(bench.notices).toEqual([]);
    bench.nowMs = 1_000_000;
    expect(await tokens.get()).toBe('T4');
  });

  it('ends with a refusal by the service, but not of an older one', async () => {
    const { bench, tokens } = tokenBench();
    await tokens.get();
    tokens.rejected('T0');
    expect(tokens.get()).toBe('T1');
    tokens.rejected(undefined);
    expect(tokens.get()).toBe('T1');
    tokens.rejected('T1');
    expect(await tokens.get()).toBe('T2');
    expect(bench.asked).toBe(2);
  });
});

describe('going without tokens', () => {
  it('is tried to be ended after a while, and said once each way', async () => {
    const { bench, tokens } = tokenBench({ retryTokensAfterMs: 60_000 });
    bench.answers.push(new ImdsTimeoutError(TOKEN_PATH, 1_000), new ImdsTimeoutError(TOKEN_PATH, 1_000));
    expect(await tokens.get()).toBeUndefined();
    bench.nowMs = 59_999;
    expect(tokens.get()).toBeUndefined();
    expect(bench.asked).toBe(1);
    bench.nowMs = 60_000;
    expect(tokens.get()).toBeUndefined();
    await turn();
    expect(bench.asked).toBe(2);
    bench.nowMs = 119_999;
    expect(tokens.get()).toBeUndefined();
    expect(bench.asked).toBe(2);
    bench.nowMs = 120_000;
    expect(tokens.get()).toBeUndefined();
    await until(() => tokens.get() === 'T3');
    expect(bench.notices).toEqual(['hop-limit', 'v2-again']);
  });

  it('ends at once when the service asks for a token', async () => {
    const { bench, tokens } = tokenBench();
    bench.answers.push({ ...given(''), status: 405 });
    expect(await tokens.get()).toBeUndefined();
    tokens.rejected(undefined);
    expect(await tokens.get()).toBe('T2');
  });
});
