import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { RequestOptions } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { currentComputer } from './computer.ts';
import type { Computer } from './computer.ts';
import type { Network } from './network.ts';
import type { Timeline } from './timeline.ts';
import { ClientRequest, HttpServer, Socket } from './virtual-http.ts';
import { LocalSocket, TcpServer } from './virtual-tcp.ts';

/** What a play has in place of the machine. */
export interface VirtualMachine {
  readonly timeline: Timeline;
  readonly network: Network;
  /** Who asks when nobody's code runs: the play itself. */
  readonly world: Computer;
  /** Contents by path. */
  readonly files: Map<string, string>;
}

/** Where the files of a play are. */
export const DIRECTORY = '/play';

let machine: VirtualMachine | undefined;

function playing(): VirtualMachine {
  if (machine === undefined) throw new Error('nothing is played: time, chance and the network belong to plays here');
  return machine;
}

function computer(): Computer {
  return currentComputer() ?? playing().world;
}

/** Plays on another machine from now on. */
export function playOn(next: VirtualMachine | undefined): void {
  machine = next;
}

/** A timer as `setTimeout` gives it. */
class Timeout {
  #planned: { isCancelled: boolean } | undefined;
  readonly #start: () => { isCancelled: boolean } | undefined;

  constructor(start: () => { isCancelled: boolean } | undefined) {
    this.#start = start;
    this.#planned = start();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.close();
    this.#planned = this.#start();
    return this;
  }

  close(): this {
    if (this.#planned !== undefined) this.#planned.isCancelled = true;
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

type Callback = (...args: unknown[]) => void;

function setTimeoutOfPlay(callback: Callback, ms = 0, ...args: unknown[]): Timeout {
  const own = computer();
  return new Timeout(() => own.startTimer(Math.max(1, ms), () => callback(...args)));
}

function setIntervalOfPlay(callback: Callback, ms = 0, ...args: unknown[]): Timeout {
  const timeout = setTimeoutOfPlay(() => {
    timeout.refresh();
    callback(...args);
  }, ms);
  return timeout;
}

function setImmediateOfPlay(callback: Callback, ...args: unknown[]): Timeout {
  const own = computer();
  return new Timeout(() => playing().timeline.planTurn(() => own.run(() => callback(...args))));
}

function clear(timeout: unknown): void {
  if (timeout instanceof Timeout) timeout.close();
}

const MachineDate = Date;

/** `Date` whose now is that of the computer that asks. */
class DateOfPlay extends MachineDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(computer().now());
    else super(...(args as [number]));
  }

  static override now(): number {
    return computer().now();
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.toString.call(value) === '[object Date]';
  }
}

function fillRandomly<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  const { random } = computer();
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(random() * 256);
  return bytes;
}

function randomBytes(size: number): Buffer {
  return fillRandomly(Buffer.alloc(size));
}

function randomUuid(): `${string}-${string}-${string}-${string}-${string}` {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function randomInt(...given: readonly number[]): number {
  const [min, max] = given.length === 1 ? [0, given[0] ?? 0] : [given[0] ?? 0, given[1] ?? 0];
  return min + Math.floor(computer().random() * (max - min));
}

function getRandomValues<T extends NodeJS.TypedArray>(array: T): T {
  fillRandomly(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return array;
}

function replace(target: object, replacements: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(replacements)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
  }
}

/**
 * Takes everything that differs from run to run away from this thread, for good: time, chance, the network, and the order in which files
 * are read. What runs here from now on has only what a play gives it, also what has been imported before.
 */
export function takeOver(): void {
  const { readFileSync, writeFileSync, appendFileSync } = fs;
  const isOurs = (path: unknown): path is string => typeof path === 'string' && path.startsWith(DIRECTORY);
  const read = (path: unknown, options?: unknown): string | Buffer => {
    if (!isOurs(path)) return readFileSync(path as string, options as 'utf8');
    const text = playing().files.get(path);
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return options === undefined ? Buffer.from(text) : text;
  };
  replace(fs, {
    readFileSync: read,
    writeFileSync: (path: unknown, text: string) => {
      if (isOurs(path)) playing().files.set(path, text);
      else writeFileSync(path as string, text);
    },
    appendFileSync: (path: unknown, text: string) => {
      if (isOurs(path)) playing().files.set(path, (playing().files.get(path) ?? '') + text);
      else appendFileSync(path as string, text);
    },
    rmSync: () => undefined,
  });
  replace(fs.promises, {
    // At once, and not when the pool of threads has time for it.
    readFile: async (path: unknown, options?: unknown) => Promise.resolve(read(path, options)),
    writeFile: async (path: string, text: string) => Promise.resolve(void playing().files.set(path, text)),
    // By what this play has, so that a play is the same after others.
    mkdtemp: async () => {
      const { files } = playing();
      const directory = `${DIRECTORY}/${files.size}`;
      files.set(directory, '');
      return Promise.resolve(directory);
    },
    rm: async () => Promise.resolve(),
  });
  const create = (...args: readonly unknown[]): HttpServer =>
    new HttpServer(playing().network, args.at(-1) as ConstructorParameters<typeof HttpServer>[1]);
  const request = (options: RequestOptions): ClientRequest => new ClientRequest(playing().network, options);
  replace(http, { createServer: create, request });
  replace(https, { createServer: create, request });
  const connect = ({ port }: { readonly port: number }): Socket => {
    const socket = new Socket(playing().network, port);
    const server = playing().network.tcpServers.get(port);
    if (server !== undefined) {
      process.nextTick(() => {
        socket.emit('connect');
        server.emit('connection', new LocalSocket());
      });
    }
    return socket;
  };
  const listen = (...args: readonly unknown[]): TcpServer =>
    new TcpServer(playing().network, args.at(-1) as ConstructorParameters<typeof TcpServer>[1]);
  replace(net, { connect, createConnection: connect, createServer: listen });
  const sleep = async (ms: number, value: unknown): Promise<unknown> =>
    new Promise((resolve) => void setTimeoutOfPlay(() => resolve(value), ms));
  const turn = async (value: unknown): Promise<unknown> =>
    new Promise((resolve) => void setImmediateOfPlay(() => resolve(value)));
  const time = {
    setTimeout: setTimeoutOfPlay,
    setInterval: setIntervalOfPlay,
    setImmediate: setImmediateOfPlay,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  replace(timers, time);
  replace(timersPromises, { setTimeout: sleep, setImmediate: turn });
  replace(globalThis, { ...time, Date: DateOfPlay });
  replace(performance, { now: () => computer().monotonic() });
  replace(os, { uptime: () => computer().uptime() });
  replace(Math, { random: () => computer().random() });
  replace(crypto, { randomUUID: randomUuid, randomBytes, randomInt });
  // `crypto.getRandomValues` asks this one.
  replace(Object.getPrototypeOf(crypto.webcrypto) as object, { getRandomValues, randomUUID: randomUuid });
  syncBuiltinESMExports();
}
