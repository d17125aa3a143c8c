import { sleep, systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { ImdsResponseError, ImdsStatusError, ImdsTimeoutError, ImdsUnreachableError } from './errors.ts';
import { readNodeMetadata } from './node-metadata.ts';
import type { NodeMetadata } from './node-metadata.ts';
import { checkOptions } from './options.ts';
import type { ImdsClientOptions } from './options.ts';
import { createTokenSource } from './token.ts';
import { createTransport } from './transport.ts';

/** The pause before the second try, in milliseconds; it doubles with each further one. */
const FIRST_PAUSE_MS = 50;

/** What a single request may be told. */
export interface GetOptions {
  /** Ends the request early. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads the instance metadata service. */
export interface ImdsClient extends Disposable {
  /**
   * Reads one document as text.
   *
   * Tries again when there was no usable answer, up to `tries` times and within `totalTimeoutMs`.
   *
   * @param path - The document's absolute path, such as `/latest/meta-data/instance-id`.
   * @returns The body, or `undefined` where there is no such document (404).
   * @throws one of the subclasses of `ImdsError` when there is no usable answer; the signal's reason when it is aborted; `TypeError` for
   *   a path that is not a plain absolute one.
   */
  readonly get: (path: string, options?: GetOptions) => Promise<string | undefined>;
  /**
   * Reads what is to be known about this instance.
   *
   * @throws as `get` does, and `ImdsResponseError` when not even the instance's id is to be had.
   */
  readonly nodeMetadata: (options?: GetOptions) => Promise<NodeMetadata>;
  /** Closes the connections. A client that is not closed keeps no process alive. */
  readonly close: () => void;
}

/** How long and for whom a `get` goes on. */
interface Bounds {
  readonly path: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

type Outcome = { readonly rejected: true } | { readonly rejected: false; readonly body: string | undefined };

/**
 * Makes a client for the instance metadata service.
 *
 * Uses IMDSv2 session tokens, and goes on without where the service gives none.
 *
 * @throws `ImdsOptionsError` with every fault of the options.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export function createImdsClient(options: ImdsClientOptions = {}): ImdsClient {
  const checked = checkOptions(options);
  const { tries, requestTimeoutMs, totalTimeoutMs } = checked;
  const { clock = systemClock, onDate } = options;
  const nowMs = () => clock.monotonic();
  const transport = createTransport(checked.endpoint, clock, onDate);
  const tokens = createTokenSource(transport, checked, nowMs);

  async function get(path: string, { signal }: GetOptions = {}): Promise<string | undefined> {
    checkPath(path);
    const bounds = { path, deadlineMs: nowMs() + totalTimeoutMs, signal };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await getOnce(bounds);
      } catch (error) {
        const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        if (attempt >= tries || !isWorthAnotherTry(error) || nowMs() + pauseMs >= bounds.deadlineMs) throw error;
        await sleep(clock, pauseMs, signal);
      }
    }
  }

  async function getOnce(bounds: Bounds): Promise<string | undefined> {
    const first = await getWithToken(bounds);
    if (!first.rejected) return first.body;
    // The token ran out or was revoked early, or the service has begun to ask for one.
    const second = await getWithToken(bounds);
    if (!second.rejected) return second.body;
    throw new ImdsStatusError(bounds.path, 401);
  }

  async function getWithToken({ path, deadlineMs, signal }: Bounds): Promise<Outcome> {
    const known = tokens.get();
    const leftMs = () => deadlineMs - nowMs();
    const late = () => new ImdsTimeoutError(path, totalTimeoutMs);
    // The request for a token is shared and goes on when one of those who wait for it gives up.
    const bounds = { clock, limitMs: leftMs(), signals: [signal], reason: late };
    const token = known instanceof Promise ? await withTimeLimit(bounds, known) : known;
    const totalLeftMs = leftMs();
    const timeoutMs = Math.min(requestTimeoutMs, totalLeftMs);
    if (timeoutMs <= 0) throw late();
    const header = token === undefined ? undefined : `X-aws-ec2-metadata-token: ${token}`;
    const { status, body } = await transport.send({
      method: 'GET',
      path,
      header,
      timeoutMs,
      totalTimeoutMs: totalLeftMs,
      signal,
    });
    switch (status) {
      case 200:
        if (isWebPage(body)) throw new ImdsResponseError(path, 'is a web page');
        return { rejected: false, body };
      case 401:
        tokens.rejected(token);
        return { rejected: true };
      case 404:
        return { rejected: false, body: undefined };
      default:
        throw new ImdsStatusError(path, status);
    }
  }

  return {
    get,
    nodeMetadata: (getOptions) => readNodeMetadata({ get }, getOptions),
    close: transport.close,
    [Symbol.dispose]: transport.close,
  };
}

/**
 * Checks that a path is a plain absolute one: no query, no escapes, no empty, `.` or `..` segments, no control characters.
 *
 * @throws `TypeError` when it is not.
 */
export function checkPath(path: string): void {
  // The service's own names need no other characters, so nothing that came from outside can leave its segment.
  const plain = path.length <= 512 && /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~:@+=,-]+)+\/?$/.test(path);
  if (!plain) throw new TypeError(`not a plain absolute path: ${JSON.stringify(path.slice(0, 100))}`);
}

/** A proxy or a captive portal in the way answers everything with a page of its own. */
function isWebPage(body: string): boolean {
  return /^\s*<(?:!doctype|html)\b/i.test(body);
}

function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof ImdsStatusError) return error.status === 429 || error.status >= 500;
  return (
    error instanceof ImdsTimeoutError || error instanceof ImdsUnreachableError || error instanceof ImdsResponseError
  );
}
