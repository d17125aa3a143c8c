import type { IncomingHttpHeaders, IncomingMessage, ServerResponse as NodeResponse } from 'node:http';
import { Readable } from 'node:stream';
import { randomOf } from './computer.ts';
import type { Computer } from './computer.ts';
import { ServerResponse } from './server-response.ts';
import type { Timeline } from './timeline.ts';
import type { TcpServer } from './virtual-tcp.ts';
import type { Direction, LinkTrouble } from './troubles.ts';

type Listener = (request: IncomingMessage, response: NodeResponse) => void;

/** A request on its way. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a client hears of its request. */
export interface Hearing {
  readonly onConnected: () => void;
  readonly onHead: (status: number, headers: IncomingHttpHeaders) => void;
  readonly onChunk: (chunk: Buffer) => void;
  readonly onEnd: () => void;
  readonly onBroken: (error: Error) => void;
}

interface Link {
  readonly random: () => number;
  readonly exchanges: Set<Exchange>;
  trouble: LinkTrouble | undefined;
  held: (() => void)[];
  /** Connections that are kept for the next request. */
  kept: number;
  /** When the last of them was used. */
  keptAtMs: number;
}

const FLAKY_SHARE = 0.15;
const SLOW_MS = 2000;
const LATE_WATCH_MS = 5000;
/** How long clients keep a connection that they do not use, in ms, and how many. */
const KEPT_MS = 30_000;
const MOST_KEPT = 8;
/** A lost segment is sent again after so long at the latest, in ms, once it can arrive. */
const RESENT_AFTER_MS = 200;

function broken(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** One request and its answer. */
class Exchange {
  isOver = false;
  /** Whether nothing of it ever arrives any more. */
  isSilent = false;
  isWatch = false;
  readonly readyMs: Record<Direction, number> = { there: 0, back: 0 };
  response: ServerResponse | undefined;
  readonly client: Computer;
  readonly hearing: Hearing;

  constructor(client: Computer, hearing: Hearing) {
    this.client = client;
    this.hearing = hearing;
  }
}

/** A server of the play. */
export interface VirtualServer {
  readonly port: number;
  /** What it is called in traces and troubles. */
  name: string;
  isListening: boolean;
  readonly listener: Listener;
}

/** The network of a play, in memory: every message takes a while that the seed decides, and may meet trouble. */
export class Network {
  /** By their ports. Connections to them stay on their host. */
  readonly tcpServers = new Map<number, TcpServer>();
  readonly #timeline: Timeline;
  readonly #seed: number;
  readonly #world: Computer;
  readonly #servers = new Map<number, VirtualServer>();
  readonly #links = new Map<string, Link>();
  readonly #note: (line: string) => void;
  #nextPort = 20_000;

  constructor(parts: { timeline: Timeline; seed: number; world: Computer; note: (line: string) => void }) {
    this.#timeline = parts.timeline;
    this.#seed = parts.seed;
    this.#world = parts.world;
    this.#note = parts.note;
  }

  /** A port that nobody has. */
  openPort(): number {
    return this.#nextPort++;
  }

  /** Opens a port. */
  serve(listener: Listener): VirtualServer {
    const port = this.openPort();
    const server: VirtualServer = { port, name: `port ${port}`, isListening: true, listener };
    this.#servers.set(port, server);
    return server;
  }

  /** Gives the server behind a URL a name. */
  name(url: string, name: string): void {
    const server = this.#servers.get(Number(new URL(url).port));
    if (server !== undefined) server.name = name;
  }

  /** Puts a trouble between a computer and a service in place of what there was; undefined ends it. */
  trouble(computer: string, service: string, trouble: LinkTrouble | undefined): void {
    const link = this.#link(computer, service);
    link.trouble = trouble;
    if (trouble === undefined || trouble.trouble === 'lost') {
      const held = link.held.splice(0);
      if (trouble === undefined) for (const deliver of held) deliver();
    }
    if (trouble?.trouble === 'lost') for (const exchange of link.exchanges) exchange.isSilent = true;
    if (trouble?.trouble === 'refused') {
      link.kept = 0;
      for (const exchange of [...link.exchanges]) this.#reset(link, exchange);
    }
  }

  /** Resets every connection of a server, as one that goes down does. */
  resetAll(server: VirtualServer): void {
    for (const [name, link] of this.#links) {
      if (!name.endsWith(` → ${server.name}`)) continue;
      for (const exchange of [...link.exchanges]) this.#reset(link, exchange);
    }
  }

  /** Everything that a computer had open is closed, because it is down. */
  closeAll({ name }: Computer): void {
    for (const [key, link] of this.#links) {
      if (key.startsWith(`${name} → `)) for (const exchange of [...link.exchanges]) this.#hangUp(link, exchange);
    }
  }

  /** Takes a connection that was kept, if there is one. */
  takeKept(client: Computer, port: number): boolean {
    const link = this.#link(client.name, this.#servers.get(port)?.name ?? `port ${port}`);
    const isThere = link.kept > 0 && this.#timeline.nowMs - link.keptAtMs <= KEPT_MS;
    link.kept = isThere ? link.kept - 1 : 0;
    return isThere;
  }

  /** Sends a request. The answer hangs it up. */
  send(client: Computer, port: number, request: SentRequest, hearing: Hearing, isOnKept = false): () => void {
    if (!client.call()) return () => undefined;
    const server = this.#servers.get(port);
    const link = this.#link(client.name, server?.name ?? `port ${port}`);
    const exchange = new Exchange(client, hearing);
    exchange.isWatch = request.path.includes('watch=');
    link.exchanges.add(exchange);
    const line = `${client.name} → ${server?.name ?? port}: ${request.method} ${request.path}`;
    const refuse = (): void =>
      this.#fail(link, exchange, broken('ECONNREFUSED', `connect ECONNREFUSED 127.0.0.1:${port}`));
    if (server?.isListening !== true || link.trouble?.trouble === 'refused') {
      this.#timeline.plan(this.#latency(link), refuse);
      return () => this.#hangUp(link, exchange);
    }
    if (isOnKept && link.trouble?.trouble === 'stale') {
      link.kept = 0;
      this.#note(`${line}: on a kept connection that is dead`);
      if (link.random() < 0.5) exchange.isSilent = true;
      else this.#timeline.plan(this.#latency(link), () => this.#reset(link, exchange));
      return () => this.#hangUp(link, exchange);
    }
    const isFlaky = link.trouble?.trouble === 'flaky' && link.random() < 2 * FLAKY_SHARE;
    const isLate = isFlaky && link.random() < 0.5;
    this.#deliver(link, exchange, 'there', () => {
      if (!server.isListening) {
        refuse();
        return;
      }
      client.run(() => hearing.onConnected());
      if (isFlaky && !isLate) {
        this.#note(`${line}: the connection is reset before it arrives`);
        this.#reset(link, exchange);
        return;
      }
      this.#arrive(link, exchange, { server, request, line, isLost: isLate });
    });
    return () => this.#hangUp(link, exchange);
  }

  #arrive(
    link: Link,
    exchange: Exchange,
    { server, request, line, isLost }: { server: VirtualServer; request: SentRequest; line: string; isLost: boolean },
  ): void {
    const { hearing, client } = exchange;
    const back = (tell: () => void): void => this.#deliver(link, exchange, 'back', () => client.run(tell));
    const response = new ServerResponse(this.#world, {
      head: (status, headers) => {
        this.#note(`${line}: ${status}${isLost ? ', and the connection is reset' : ''}`);
        if (isLost) this.#reset(link, exchange);
        else back(() => hearing.onHead(status, headers));
      },
      chunk: (chunk) => {
        back(() => {
          hearing.onChunk(chunk);
          this.#world.run(() => response.arrived(chunk.length));
        });
      },
      end: () => {
        back(() => {
          this.#finish(link, exchange);
          Object.assign(link, { kept: Math.min(MOST_KEPT, link.kept + 1), keptAtMs: this.#timeline.nowMs });
          hearing.onEnd();
        });
      },
      reset: () => this.#reset(link, exchange),
    });
    exchange.response = response;
    this.#world.run(() => server.listener(incomingOf(request), response as unknown as NodeResponse));
  }

  #link(computer: string, service: string): Link {
    const key = `${computer} → ${service}`;
    const link = this.#links.get(key) ?? {
      random: randomOf(this.#seed, key),
      exchanges: new Set<Exchange>(),
      trouble: undefined,
      held: [],
      ...{ kept: 0, keptAtMs: 0 },
    };
    this.#links.set(key, link);
    return link;
  }

  #latency({ random, trouble }: Link): number {
    const extra = trouble?.trouble === 'slow' ? random() * SLOW_MS : 0;
    // Most are quick, a few are not.
    return 0.2 + random() * 2 + (random() < 0.03 ? random() * 40 : 0) + extra;
  }

  /** Messages of one exchange arrive in their order, those of several in any. */
  #deliver(link: Link, exchange: Exchange, direction: Direction, arrive: () => void): void {
    const now = this.#timeline.nowMs;
    const isLate = link.trouble?.trouble === 'late watches' && exchange.isWatch && direction === 'back';
    const lateMs = isLate ? link.random() * LATE_WATCH_MS : 0;
    const atMs = Math.max(exchange.readyMs[direction], now + this.#latency(link) + lateMs);
    exchange.readyMs[direction] = atMs;
    const attempt = (): void => {
      if (exchange.isOver || exchange.isSilent) return;
      const { trouble } = link;
      const isMet = trouble !== undefined && (trouble.direction === 'both' || trouble.direction === direction);
      if (!isMet || (trouble.trouble !== 'held' && trouble.trouble !== 'lost')) arrive();
      else {
        link.held.push(() => {
          const againMs = Math.max(exchange.readyMs[direction], this.#timeline.nowMs + link.random() * RESENT_AFTER_MS);
          exchange.readyMs[direction] = againMs;
          this.#timeline.plan(againMs - this.#timeline.nowMs, attempt);
        });
      }
    };
    this.#timeline.plan(atMs - now, attempt);
  }

  #finish(link: Link, exchange: Exchange): void {
    exchange.isOver = true;
    link.exchanges.delete(exchange);
  }

  #fail(link: Link, exchange: Exchange, error: Error): void {
    if (exchange.isOver) return;
    this.#finish(link, exchange);
    exchange.client.run(() => exchange.hearing.onBroken(error));
  }

  #reset(link: Link, exchange: Exchange): void {
    if (exchange.isOver) return;
    const { response } = exchange;
    if (response !== undefined) this.#world.run(() => response.hangUp());
    if (exchange.isSilent) this.#finish(link, exchange);
    else this.#fail(link, exchange, broken('ECONNRESET', 'read ECONNRESET'));
  }

  #hangUp(link: Link, exchange: Exchange): void {
    if (exchange.isOver) return;
    this.#finish(link, exchange);
    const { response } = exchange;
    if (response === undefined) return;
    this.#timeline.plan(this.#latency(link), () => this.#world.run(() => response.hangUp()));
  }
}

function incomingOf({ method, path, headers, body }: SentRequest): IncomingMessage {
  const incoming = Readable.from(body.length === 0 ? [] : [body]);
  return Object.assign(incoming, { method, url: path, headers }) as unknown as IncomingMessage;
}
