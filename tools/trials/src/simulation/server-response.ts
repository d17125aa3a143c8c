import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Computer } from './computer.ts';

/** Who writes more than this must wait until it has arrived, in bytes. */
const MOST_ON_THE_WAY = 64 * 1024;

/** What becomes of an answer, as it is given. */
interface Answering {
  readonly head: (status: number, headers: IncomingHttpHeaders) => void;
  readonly chunk: (chunk: Buffer) => void;
  readonly end: () => void;
  readonly reset: () => void;
}

/** As much of `http.ServerResponse` as servers of the sandbox use. */
export class ServerResponse extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  /** What is on its way to the client, in bytes. */
  writableLength = 0;
  readonly socket: { readonly destroyed: boolean; resetAndDestroy: () => void };
  readonly #headers: Record<string, string> = {};
  readonly #world: Computer;
  readonly #answering: Answering;
  #status = 200;
  #isHeadSent = false;

  constructor(world: Computer, answering: Answering) {
    super();
    this.#world = world;
    this.#answering = answering;
    const isDestroyed = (): boolean => this.destroyed;
    this.socket = {
      get destroyed() {
        return isDestroyed();
      },
      resetAndDestroy: () => this.destroy(),
    };
  }

  setHeader(name: string, value: unknown): this {
    this.#headers[name.toLowerCase()] = String(value);
    return this;
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): this {
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  flushHeaders(): void {
    if (this.#isHeadSent || this.destroyed) return;
    this.#isHeadSent = true;
    // As Node's own server does.
    const date = new Date(this.#world.now()).toUTCString();
    this.#answering.head(this.#status, { date, ...this.#headers });
  }

  write(chunk: string | Uint8Array, onWritten?: () => void): boolean {
    if (this.destroyed || this.writableEnded) return false;
    this.flushHeaders();
    const bytes = Buffer.from(chunk as Uint8Array);
    this.writableLength += bytes.length;
    this.#answering.chunk(bytes);
    if (onWritten !== undefined) process.nextTick(onWritten);
    return this.writableLength < MOST_ON_THE_WAY;
  }

  end(chunk?: string | Uint8Array): this {
    if (this.destroyed || this.writableEnded) return this;
    if (chunk === undefined || chunk.length === 0) this.flushHeaders();
    else this.write(chunk);
    this.writableEnded = true;
    this.#answering.end();
    process.nextTick(() => this.#close());
    return this;
  }

  destroy(): this {
    if (this.destroyed) return this;
    if (!this.writableEnded) this.#answering.reset();
    process.nextTick(() => this.#close());
    return this;
  }

  /** So many bytes have arrived. */
  arrived(bytes: number): void {
    this.writableLength -= bytes;
    if (!this.destroyed && this.writableLength < MOST_ON_THE_WAY) this.emit('drain');
  }

  /** The client has gone. */
  hangUp(): void {
    this.#close();
  }

  #close(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}
