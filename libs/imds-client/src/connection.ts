import { abortReason, onAbort } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { connect } from 'node:net';
import { BadAnswer, createAnswerReader } from './answer-reader.ts';
import type { Answer, AnswerReader } from './answer-reader.ts';
import { ImdsResponseError, ImdsTimeoutError, ImdsUnreachableError } from './errors.ts';

/** What a request over a connection may be told. */
interface ExchangeBounds {
  /** Names the request in errors. */
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** One connection, which carries one request at a time. */
export interface Connection {
  /**
   * Sends a request and waits for its answer. The connection is closed when that fails.
   *
   * @throws `ImdsTimeoutError`, `ImdsUnreachableError` when it broke before the answer began, `ImdsResponseError`, or the signal's reason.
   */
  readonly exchange: (request: string, bounds: ExchangeBounds) => Promise<Answer>;
  /** Lets the process end while the connection is idle. */
  readonly rest: () => void;
  readonly destroy: () => void;
}

interface Pending {
  readonly bounds: ExchangeBounds;
  readonly reader: AnswerReader;
  /** Whether anything has come yet. */
  begun: boolean;
  readonly succeed: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

/** Where a connection goes, and where its time limits come from. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
}

/**
 * Opens a connection.
 *
 * @param onClosed - Called once, when the connection can carry no more requests.
 */
export function openConnection({ host, port, clock }: ConnectionOptions, onClosed: () => void): Connection {
  // Listening once for all its requests is cheaper than for each of them.
  const socket = connect({ host, port, noDelay: true });
  let pending: Pending | undefined;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);

  function onData(bytes: Buffer): void {
    // An answer that nobody asked for: whatever comes next would be taken for the wrong one.
    if (pending === undefined) socket.destroy();
    else {
      pending.begun = true;
      tryToComplete(pending, (reader) => reader.read(bytes));
    }
  }

  function onEnd(): void {
    if (pending?.begun === true) tryToComplete(pending, (reader) => reader.end());
    else broke('closed by the other side');
  }

  function onError(error: NodeJS.ErrnoException): void {
    broke(error.code ?? error.message, error);
  }

  function onClose(): void {
    broke('closed');
    onClosed();
  }

  function tryToComplete(
    { bounds, reader, succeed, fail }: Pending,
    step: (reader: AnswerReader) => Answer | undefined,
  ) {
    let answer: Answer | undefined;
    try {
      answer = step(reader);
    } catch (error) {
      fail(badAnswer(bounds.path, error));
      return;
    }
    if (answer !== undefined) succeed(answer);
  }

  function broke(reason: string, cause?: Error): void {
    if (pending === undefined) return;
    const { path } = pending.bounds;
    const options = cause === undefined ? {} : { cause };
    pending.fail(
      pending.begun
        ? new ImdsResponseError(path, 'ended too early', options)
        : new ImdsUnreachableError(path, reason, options),
    );
  }

  function exchange(request: string, bounds: ExchangeBounds): Promise<Answer> {
    const { path, timeoutMs, signal } = bounds;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        settle();
        reject(error);
        socket.destroy();
      };
      const timer = clock.startTimer(timeoutMs, () => fail(new ImdsTimeoutError(path, timeoutMs)));
      const settle = () => {
        pending = undefined;
        timer.stop();
        aborted?.[Symbol.dispose]();
      };
      const succeed = (answer: Answer) => {
        settle();
        resolve(answer);
      };
      pending = { bounds, reader: createAnswerReader(), begun: false, succeed, fail };
      if (signal?.aborted === true) {
        fail(abortReason(signal));
        return;
      }
      const aborted = signal === undefined ? undefined : onAbort(signal, () => fail(abortReason(signal)));
      socket.ref();
      socket.write(request, 'latin1');
    });
  }

  return { exchange, rest: () => void socket.unref(), destroy: () => void socket.destroy() };
}

function badAnswer(path: string, error: unknown): Error {
  const problem = error instanceof BadAnswer ? error.message : 'cannot be read';
  return new ImdsResponseError(path, problem, { cause: error });
}
