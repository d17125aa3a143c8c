import type { Clock } from './clock.ts';

/** A signal, or none where nothing ends the wait. */
export type OptionalSignal = AbortSignal | undefined;

/** Who listens to a signal, behind one listener of its own: an `EventTarget` walks along all its listeners to add or to take off one. */
const listeners = new WeakMap<AbortSignal, { readonly calls: Calls; readonly ring: () => void }>();

/** Objects, as one listener may stand there twice. */
type Calls = Set<{ readonly call: () => void }>;

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * Calls the listener when the signal aborts, at once where it has aborted; disposing it takes the listener off the signal. Signals of
 * programs live as long as they do: a listener that stays behind for each wait is a leak.
 */
export function onAbort(signal: OptionalSignal, listener: () => void): Disposable {
  if (signal === undefined) return NOTHING;
  if (signal.aborted) {
    listener();
    return NOTHING;
  }
  const { calls, ring } = listeners.get(signal) ?? listenTo(signal);
  const own = { call: listener };
  calls.add(own);
  return {
    [Symbol.dispose]: () => {
      if (!calls.delete(own) || calls.size > 0) return;
      listeners.delete(signal);
      signal.removeEventListener('abort', ring);
    },
  };
}

/** How many listeners of {@link onAbort} stand on a signal. */
export function listenersOn(signal: AbortSignal): number {
  return listeners.get(signal)?.calls.size ?? 0;
}

function listenTo(signal: AbortSignal) {
  const calls: Calls = new Set();
  const ring = (): void => {
    listeners.delete(signal);
    for (const own of calls) {
      calls.delete(own);
      own.call();
    }
  };
  const made = { calls, ring };
  listeners.set(signal, made);
  signal.addEventListener('abort', ring, { once: true });
  return made;
}

/** The reason of an aborted signal; an `AbortError`, where it was aborted with something that is no error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError');
}

/** @throws the signal's reason, if it has aborted. */
export function throwIfAborted(signal: OptionalSignal): void {
  if (signal?.aborted === true) throw abortReason(signal);
}

/** Waits for a promise that goes on by itself, until the signal aborts. @throws what the promise rejects with, or the signal's reason. */
export async function abortable<T>(promise: Promise<T>, signal: OptionalSignal): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  using _listener = onAbort(signal, () => aborted.reject(abortReason(signal)));
  return await Promise.race([aborted.promise, promise]);
}

/** A signal of one's own that follows others until it is disposed. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts this signal alone. Default reason: an `AbortError`. */
  abort(reason?: Error): void;
}

/** Made once: an error with its stack is expensive to make, and nobody looks at this one. */
const OVER = new DOMException('over', 'AbortError');

/** Makes a signal that follows others; unlike `AbortSignal.any`, it leaves nothing behind on them once it is disposed. */
export function linkSignals(outer: readonly OptionalSignal[]): LinkedSignal {
  const controller = new AbortController();
  const listeners = outer.map((signal) => onAbort(signal, () => controller.abort(signal?.reason)));
  return {
    signal: controller.signal,
    abort: (reason = OVER) => controller.abort(reason),
    [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()),
  };
}

/** The time that something was given is over. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
  /** How long it was given, in milliseconds. */
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`not done within ${limitMs} ms`);
    this.limitMs = limitMs;
  }
}

/** How a time limit is set. */
export interface TimeLimitOptions {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Signals that end the work earlier. Default: none. */
  readonly signals?: readonly OptionalSignal[];
  /** Makes the reason of the abort when the time is over. Default: a {@link TimeLimitError}. */
  readonly reason?: () => Error;
}

/** Makes a signal that aborts when the time is over, or when another one aborts; disposing it stops the timer. */
export function timeLimit({ clock, limitMs, signals = [], reason }: TimeLimitOptions): LinkedSignal {
  const linked = linkSignals(signals);
  const timer = clock.startTimer(limitMs, () => linked.abort(reason?.() ?? new TimeLimitError(limitMs)));
  return {
    ...linked,
    [Symbol.dispose]: () => {
      timer.stop();
      linked[Symbol.dispose]();
    },
  };
}

/**
 * Does work under a time limit, or waits that long for what goes on by itself. Work that does not heed its signal is left behind, its end
 * unheard.
 *
 * @throws what the work throws, or the signal's reason as soon as it aborts.
 */
export async function withTimeLimit<T>(
  options: TimeLimitOptions,
  work: Promise<T> | ((signal: AbortSignal) => Promise<T>),
): Promise<T> {
  using limit = timeLimit(options);
  const { signal } = limit;
  if (typeof work !== 'function') return await abortable(work, signal);
  throwIfAborted(signal);
  return await abortable(work(signal), signal);
}
