import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import { currentComputer } from './computer.ts';
import type { Network, VirtualServer } from './network.ts';

type ServerListener = Parameters<Network['serve']>[0];

/** As much of `http.Server` as the sandbox uses. */
export class HttpServer extends EventEmitter {
  keepAliveTimeout = 0;
  requestTimeout = 0;
  readonly #network: Network;
  readonly #listener: ServerListener;
  #server: VirtualServer | undefined;

  constructor(network: Network, listener: ServerListener) {
    super();
    this.#network = network;
    this.#listener = listener;
  }

  get listening(): boolean {
    return this.#server?.isListening === true;
  }

  listen(): this {
    this.#server ??= this.#network.serve(this.#listener);
    this.#server.isListening = true;
    process.nextTick(() => this.emit('listening'));
    return this;
  }

  address(): { readonly port: number } | null {
    return this.#server === undefined ? null : { port: this.#server.port };
  }

  close(onClosed?: () => void): this {
    if (this.#server !== undefined) {
      this.#server.isListening = false;
      this.#network.resetAll(this.#server);
    }
    process.nextTick(() => {
      this.emit('close');
      onClosed?.();
    });
    return this;
  }

  setSecureContext(): void {
    // Nothing is encrypted here.
  }

  setTimeout(): this {
    return this;
  }
}

function lowerCased(headers: RequestOptions['headers'] = {}): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** A body that comes as the network brings it. */
class Incoming extends Readable {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly #onGone: () => void;

  constructor(statusCode: number, headers: IncomingHttpHeaders, onGone: () => void) {
    super();
    this.statusCode = statusCode;
    this.headers = headers;
    this.#onGone = onGone;
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onGone();
    done(error);
  }
}

/** As much of `http.ClientRequest` as `http-client` uses. */
export class ClientRequest extends EventEmitter {
  reusedSocket = false;
  readonly #network: Network;
  readonly #options: RequestOptions;
  readonly #socket = new EventEmitter();
  #hangUp: () => void = () => undefined;
  #incoming: Incoming | undefined;
  #isDestroyed = false;

  constructor(network: Network, options: RequestOptions) {
    super();
    this.#network = network;
    this.#options = options;
  }

  end(body?: string | Uint8Array): this {
    const { method = 'GET', path, headers, port } = this.#options;
    const request = {
      method,
      path: path ?? '/',
      headers: lowerCased(headers),
      body:
        typeof body === 'object' ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : Buffer.from(body ?? ''),
    };
    const computer = currentComputer();
    if (computer === undefined) throw new Error(`a request leaves the play: ${request.method} ${request.path}`);
    this.reusedSocket = this.#network.takeKept(computer, Number(port));
    process.nextTick(() => this.emit('socket', this.#socket));
    const hearing: Parameters<Network['send']>[3] = {
      onConnected: () => {
        this.#socket.emit('connect');
        this.#socket.emit('secureConnect');
      },
      onHead: (status, answered) => {
        if (this.#isDestroyed) return;
        this.#incoming = new Incoming(status, answered, () => this.#hangUp());
        this.#incoming.once('close', () => this.emit('close'));
        this.emit('response', this.#incoming);
      },
      onChunk: (chunk) => void this.#incoming?.push(chunk),
      onEnd: () => void this.#incoming?.push(null),
      onBroken: (error) => {
        if (this.#incoming === undefined) this.destroy(error);
        else this.#incoming.destroy(error);
      },
    };
    this.#hangUp = this.#network.send(computer, Number(port), request, hearing, this.reusedSocket);
    return this;
  }

  destroy(error?: Error): this {
    if (this.#isDestroyed) return this;
    this.#isDestroyed = true;
    this.#hangUp();
    if (this.#incoming !== undefined) {
      this.#incoming.destroy(error);
      return this;
    }
    process.nextTick(() => {
      if (error !== undefined) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }
}

const HEAD = /^(?<method>\w+) (?<path>\S+) HTTP\/1\.1\r\n(?<lines>(?:.+\r\n)*)\r\n$/;

/** As much of `net.Socket` as `imds-client` uses: a request is written in one piece, and has no body. */
export class Socket extends EventEmitter {
  readonly #network: Network;
  readonly #port: number;
  #hangUp: () => void = () => undefined;
  #isDestroyed = false;

  constructor(network: Network, port: number) {
    super();
    this.#network = network;
    this.#port = port;
  }

  write(text: string): boolean {
    const { method, path, lines } = HEAD.exec(text)?.groups ?? {};
    const computer = currentComputer();
    if (method === undefined || path === undefined || computer === undefined) {
      throw new Error(`what is written to a socket is no request: ${text}`);
    }
    const headers = Object.fromEntries(
      (lines ?? '').split('\r\n').flatMap((line) => {
        const [name = '', value] = line.split(': ', 2);
        return value === undefined ? [] : [[name.toLowerCase(), value]];
      }),
    );
    const tell = (bytes: Buffer): void => {
      if (!this.#isDestroyed) this.emit('data', bytes);
    };
    this.#hangUp = this.#network.send(
      computer,
      this.#port,
      { method, path, headers, body: Buffer.alloc(0) },
      {
        onConnected: () => void this.emit('connect'),
        onHead: (status, answered) => {
          const named = Object.entries(answered).map(([name, value]) => `${name}: ${String(value)}\r\n`);
          tell(Buffer.from(`HTTP/1.1 ${status} As it is\r\n${named.join('')}\r\n`, 'latin1'));
        },
        onChunk: tell,
        onEnd: () => undefined,
        onBroken: (error) => void this.destroy(error),
      },
    );
    return true;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  destroy(error?: Error): this {
    if (this.#isDestroyed) return this;
    this.#isDestroyed = true;
    this.#hangUp();
    process.nextTick(() => {
      if (error !== undefined) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }
}
