import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';

/** Where an API server is, and as whom to speak to it. */
interface ApiClientOptions {
  readonly url: string;
  readonly caPem: string;
  /** Bearer token; none: anonymous. */
  readonly token?: string | undefined;
  /**
   * Whose rights the calls have in place of the token's, whose owner must be allowed to act for others.
   *
   * @see https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
   */
  readonly as?: { readonly user: string; readonly group: string };
}

/** One call. */
interface ApiCallOptions {
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** What the server said. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

/** A plain HTTPS client for the Kubernetes API that hides nothing: every status is an answer, no retries, no types. */
export interface ApiClient {
  request(method: string, path: string, options?: ApiCallOptions): Promise<ApiResponse>;
  /** The lines of a watch as they come, parsed; ends when the server ends it or the signal aborts. */
  watch(path: string, options?: ApiCallOptions): Promise<ApiWatch>;
  close(): void;
}

/** An open watch. */
interface ApiWatch {
  readonly status: number;
  readonly events: AsyncIterable<unknown>;
}

/** Makes a client with its own pool of keep-alive connections. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const agent = new Agent({ keepAlive: true, ca: options.caPem, maxSockets: 128 });

  async function send(method: string, path: string, call: ApiCallOptions): Promise<IncomingMessage> {
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    if (options.as !== undefined) {
      headers['impersonate-user'] = options.as.user;
      headers['impersonate-group'] = options.as.group;
    }
    const payload = call.body === undefined ? undefined : toText(call.body);
    if (payload !== undefined) {
      headers['content-type'] = call.contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(payload));
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = httpsRequest(new URL(path, options.url), { method, agent, headers, signal: call.signal }, resolve);
    request.once('error', reject);
    request.end(payload);
    return promise;
  }

  return {
    async request(method, path, call = {}) {
      const response = await send(method, path, call);
      const text = await readText(response);
      return { status: response.statusCode ?? 0, headers: response.headers, body: parse(text, response.headers) };
    },
    async watch(path, call = {}) {
      const response = await send('GET', path, call);
      return { status: response.statusCode ?? 0, events: lines(response, call.signal) };
    },
    close: () => agent.destroy(),
  };
}

function toText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, headers: IncomingHttpHeaders): unknown {
  return headers['content-type']?.startsWith('application/json') === true ? (JSON.parse(text) as unknown) : text;
}

async function* lines(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator {
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      if (line !== '') yield JSON.parse(line) as unknown;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    response.destroy();
  }
}
