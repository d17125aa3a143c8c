import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { isList, isRecord } from '../../json-value.ts';
import type { KubernetesSimulator } from '../simulator.ts';

/** JSON that assertions look into. */
class Document {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  /** What stands at a path of fields and indices, like `items.0.metadata.name`. */
  at(path: string): unknown {
    let current = this.value;
    for (const part of path.split('.')) {
      current = isList(current) ? current[Number(part)] : isRecord(current) ? current[part] : undefined;
    }
    return current;
  }

  /** The string at a path. */
  text(path: string): string {
    const found = this.at(path);
    if (typeof found !== 'string') throw new Error(`No string at ${path} in ${JSON.stringify(this.value)}`);
    return found;
  }
}

/** An answer of the API. */
export class Reply extends Document {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  /** The answer as it came. */
  readonly raw: string;

  constructor(code: number, headers: IncomingHttpHeaders, raw: string) {
    super(headers['content-type'] === 'application/json' ? JSON.parse(raw) : undefined);
    this.code = code;
    this.headers = headers;
    this.raw = raw;
  }
}

/** How a request is made. */
export interface SendOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string | null;
}

/** An event of a watch. */
export class WatchEvent extends Document {
  get type(): string {
    return this.text('type');
  }
}

/** An open watch: its events one after another, undefined when it has ended. */
export interface OpenWatch {
  readonly code: number;
  next(): Promise<WatchEvent | undefined>;
  take(count: number): Promise<readonly WatchEvent[]>;
  close(): void;
}

/** A plain HTTPS client of a simulator. */
export class TestClient {
  readonly #simulator: KubernetesSimulator;
  readonly #agent: Agent;
  readonly token: string;

  constructor(simulator: KubernetesSimulator, user = 'tester') {
    this.#simulator = simulator;
    this.#agent = new Agent({ keepAlive: true, ca: simulator.caPem });
    this.token = simulator.issueToken({ user });
  }

  close(): void {
    this.#agent.destroy();
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Reply> {
    const response = await this.#open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return new Reply(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString('utf8'));
  }

  get(path: string, options?: SendOptions): Promise<Reply> {
    return this.send('GET', path, options);
  }

  post(path: string, body: unknown, options?: SendOptions): Promise<Reply> {
    return this.send('POST', path, { ...options, body });
  }

  put(path: string, body: unknown, options?: SendOptions): Promise<Reply> {
    return this.send('PUT', path, { ...options, body });
  }

  delete(path: string, body?: unknown): Promise<Reply> {
    return this.send('DELETE', path, { body });
  }

  patch(path: string, kind: 'json' | 'merge' | 'strategic-merge', body: unknown): Promise<Reply> {
    return this.send('PATCH', path, { body, type: `application/${kind}-patch+json` });
  }

  evict(namespace: string, name: string, deleteOptions?: unknown, query = ''): Promise<Reply> {
    return this.post(`/api/v1/namespaces/${namespace}/pods/${name}/eviction${query}`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...(deleteOptions === undefined ? {} : { deleteOptions }),
    });
  }

  async watch(path: string, options: SendOptions = {}): Promise<OpenWatch> {
    const response = await this.#open('GET', path, options);
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    const next = async (): Promise<WatchEvent | undefined> => {
      const line = await lines.next();
      return line.done === true ? undefined : new WatchEvent(JSON.parse(line.value));
    };
    return {
      code: response.statusCode ?? 0,
      next,
      take: async (count) => {
        const events: WatchEvent[] = [];
        for (let index = 0; index < count; index++) {
          const event = await next();
          if (event === undefined) throw new Error(`The watch ended after ${index} events`);
          events.push(event);
        }
        return events;
      },
      close: () => response.destroy(),
    };
  }

  async #open(method: string, path: string, options: SendOptions): Promise<IncomingMessage> {
    const { body, accept, type = 'application/json', token = this.token } = options;
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
      ...(accept === undefined ? {} : { accept }),
    };
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(`${this.#simulator.url}${path}`, { method, headers, agent: this.#agent }, resolve);
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}
