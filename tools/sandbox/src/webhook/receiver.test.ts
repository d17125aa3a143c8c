import { request as httpsRequest } from 'node:https';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exchange } from '../testing/http.ts';
import { startWebhookReceiver } from './receiver.ts';
import type { WebhookReceiver } from './receiver.ts';

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
});

const post = (signal?: AbortSignal) =>
  exchange(receiver.url, {
    method: 'POST',
    headers: { 'x-team': 'blue' },
    body: '{"text":"hi"}',
    ...(signal && { signal }),
  });

describe('the webhook receiver', () => {
  it('records what comes', async () => {
    const arrived = receiver.waitFor(1, AbortSignal.timeout(20_000));
    await post();
    expect(await arrived).toMatchObject([
      { method: 'POST', path: '/webhook', headers: { 'x-team': 'blue' }, body: '{"text":"hi"}', status: 200 },
    ]);
  });

  it('stops waiting when told', async () => {
    await expect(receiver.waitFor(1, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('answers as it is told', async () => {
    receiver.setAnswer({ status: 500, body: 'no' });
    expect(await post()).toMatchObject({ status: 500, body: 'no' });
  });

  it('redirects in circles', async () => {
    const end = receiver.redirectInCircles();
    const answer = await post();
    expect([answer.status, answer.headers.location]).toEqual([307, `${receiver.url}?again`]);
    end();
    expect((await post()).status).toBe(200);
  });

  it('hangs, stalls, trickles, and answers without end', async () => {
    for (const kind of ['hang', 'stall', 'trickle', 'endless'] as const) {
      receiver.faults.add({ times: 1, misbehaviour: { kind } });
      const patience = new AbortController();
      const answer = post(patience.signal);
      await receiver.waitFor(receiver.deliveries().length + 1, AbortSignal.timeout(20_000));
      patience.abort();
      await expect(answer).rejects.toThrow();
    }
    expect(receiver.deliveries().map(({ status }) => status)).toEqual([undefined, 200, 200, 200]);
  });

  it('speaks TLS with a certificate', async () => {
    const pair = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
    await using secure = await startWebhookReceiver({ tls: { key: pair.private, cert: pair.cert } });
    const status = await new Promise((resolve, reject) => {
      httpsRequest(secure.url, { method: 'POST', rejectUnauthorized: false, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end('x');
    });
    expect(status).toBe(200);
    secure.faults.add({ misbehaviour: { kind: 'reset', when: 'before' } });
    const reset = new Promise((resolve, reject) => {
      httpsRequest(secure.url, { rejectUnauthorized: false, agent: false }, resolve).on('error', reject).end();
    });
    await expect(reset).rejects.toThrow();
  });
});
