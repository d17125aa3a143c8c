import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** A server that is far away. */
export interface DelayingProxy extends AsyncDisposable {
  readonly port: number;
}

/** Passes bytes on after a while; those that come meanwhile do not wait for each other. */
function delay(ms: number): Transform {
  const waiting = new Set<NodeJS.Timeout>();
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        this.push(chunk);
      }, ms);
      waiting.add(timer);
      done();
    },
    flush(done: TransformCallback) {
      setTimeout(done, ms);
    },
    destroy(error, done) {
      for (const timer of waiting) clearTimeout(timer);
      done(error);
    },
  });
}

/** Stands before a server on this machine, and makes a round trip to it last so long; a new connection takes one more, as TCP's greeting does. */
export async function startDelayingProxy(target: number, roundTripMs: number): Promise<DelayingProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, upstream]) open.add(socket.on('close', () => open.delete(socket)));
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const pass = (): void => {
      // Whoever came may be gone again before the greeting is over.
      if (client.destroyed || upstream.destroyed) {
        cut();
        return;
      }
      pipeline(client, delay(roundTripMs / 2), upstream, cut);
      pipeline(upstream, delay(roundTripMs / 2), client, cut);
    };
    client.on('error', cut);
    setTimeout(pass, roundTripMs);
  });
  const { promise: listening, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => resolve(undefined));
  await listening;
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve: closed } = Promise.withResolvers<undefined>();
      server.close(() => closed(undefined));
      for (const socket of open) socket.destroy();
      await promise;
    },
  };
}
