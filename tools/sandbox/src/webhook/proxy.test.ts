import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy } from './proxy.ts';
import type { ProxySimulator } from './proxy.ts';
import { startWebhookReceiver } from './receiver.ts';
import type { WebhookReceiver } from './receiver.ts';

const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
let proxy: ProxySimulator;
let receiver: WebhookReceiver;
beforeEach(async () => {
  proxy = await startProxy({ credentials: { username: 'user', password: 'secret' } });
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function forward(target: string, authorization?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = authorization === undefined ? {} : { 'proxy-authorization': authorization };
    request(proxy.url, { path: target, method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end('through the proxy');
  });
}
function tunnel(target: string, authorization: string): Promise<{ answer: IncomingMessage; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const headers = { 'proxy-authorization': authorization };
    request(proxy.url, { path: target, method: 'CONNECT', headers, agent: false })
      .on('connect', (answer, socket) => resolve({ answer, socket }))
      .on('error', reject)
      .end();
  });
}

describe('forwarding', () => {
  it('carries a request on, without the proxy’s own headers', async () => {
    expect(await forward(receiver.url, basic)).toBe(200);
    expect(receiver.deliveries()).toMatchObject([{ body: 'through the proxy' }]);
    expect(receiver.deliveries()[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(proxy.requests()).toMatchObject([{ method: 'POST', target: receiver.url, authorized: true }]);
  });

  it('asks for credentials', async () => {
    expect(await forward(receiver.url)).toBe(407);
    expect(receiver.deliveries()).toEqual([]);
  });

  it('reaches nothing beyond this machine', async () => {
    expect(await forward('http://192.0.2.1/', basic)).toBe(502);
    expect((await tunnel('192.0.2.1:443', basic)).answer.statusCode).toBe(502);
  });

  it('knows names that nobody else does', async () => {
    await using naming = await startProxy({ names: { 'aws.internal.test': receiver.url } });
    const ask = (target: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(naming.url, { path: target, method: 'POST', agent: false }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end('by name');
      });
    expect(await ask('http://aws.internal.test/a?b=c')).toBe(200);
    expect(await ask('http://other.internal.test/')).toBe(502);
    expect(receiver.deliveries()).toMatchObject([{ body: 'by name' }]);
    expect(naming.requests()).toMatchObject([{ target: 'http://aws.internal.test/a?b=c' }, {}]);
  });

  it('refuses on demand', async () => {
    proxy.refuseWith(503);
    expect(await forward(receiver.url, basic)).toBe(503);
  });

  it('answers 502 when the target refuses', async () => {
    await receiver.pause();
    expect(await forward(receiver.url, basic)).toBe(502);
  });
});

describe('tunnelling', () => {
  it('connects client and target', async () => {
    const { host } = new URL(receiver.url);
    const { answer, socket } = await tunnel(host, basic);
    expect(answer.statusCode).toBe(200);
    socket.end(`POST /webhook HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`);
    expect(await receiver.waitFor(1, AbortSignal.timeout(20_000))).toMatchObject([{ body: 'hi' }]);
    expect(proxy.requests()).toMatchObject([{ method: 'CONNECT', target: host, authorized: true }]);
  });

  it('takes a tunnel and is silent, if asked to', async () => {
    const { host } = new URL(receiver.url);
    const speakAgain = proxy.fallSilent();
    let isAnswered = false;
    void tunnel(host, basic).then(
      () => (isAnswered = true),
      () => undefined,
    );
    while (proxy.requests().length === 0) await new Promise(setImmediate);
    speakAgain();
    expect((await tunnel(host, basic)).answer.statusCode).toBe(200);
    expect(isAnswered).toBe(false);
  });

  it('asks for credentials', async () => {
    const { answer } = await tunnel(new URL(receiver.url).host, 'Basic wrong');
    expect([answer.statusCode, answer.headers['proxy-authenticate']]).toEqual([407, 'Basic realm="sandbox"']);
  });
});
