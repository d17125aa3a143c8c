import { EventEmitter } from 'node:events';
import type { Network } from './network.ts';

/** One end of a connection on the same host: nothing is on its way, and nothing is lost. */
export class LocalSocket extends EventEmitter {
  destroyed = false;
  bytesRead = 0;
  readonly #onEnd: (text: string) => void;

  /** @param onEnd - Told what the server writes before it ends. Default: nobody is. */
  constructor(onEnd: (text: string) => void = () => undefined) {
    super();
    this.#onEnd = onEnd;
  }

  /** What the client writes. */
  receive(text: string): void {
    this.bytesRead += text.length;
    this.emit('data', Buffer.from(text, 'latin1'));
  }

  end(text = ''): void {
    this.#onEnd(text);
    this.destroy();
  }

  destroySoon(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    process.nextTick(() => this.emit('close'));
  }
}

/** As much of `net.Server` as the sandbox and the servers of the programs use: the sandbox holds the port of a server that pauses by one. */
export class TcpServer extends EventEmitter {
  readonly #network: Network;
  readonly #port: number;

  constructor(network: Network, onConnection: (socket: LocalSocket) => void) {
    super();
    this.#network = network;
    this.#port = network.openPort();
    this.on('connection', onConnection);
  }

  listen(...args: readonly unknown[]): this {
    const onListening = args.at(-1);
    if (typeof onListening === 'function') this.once('listening', onListening as () => void);
    this.#network.tcpServers.set(this.#port, this);
    process.nextTick(() => this.emit('listening'));
    return this;
  }

  address(): { readonly port: number } {
    return { port: this.#port };
  }

  close(): this {
    this.#network.tcpServers.delete(this.#port);
    process.nextTick(() => this.emit('close'));
    return this;
  }
}
