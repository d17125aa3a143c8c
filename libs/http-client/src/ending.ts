import { abortReason, onAbort } from '@node-termination-handler/clock';

/**
 * What ends a request before its answer does: its limit, its caller's signal, the client's own end. Each request has one, and an
 * `AbortController` with its events costs as much as the rest of a short request.
 */
export class Ending implements Disposable {
  #reason: Error | undefined;
  readonly #listeners = new Set<(reason: Error) => void>();
  readonly #followed: readonly (Disposable | undefined)[];

  /** Ends with the client, and with the signal. */
  constructor(client?: Ending, signal?: AbortSignal) {
    const end = (reason: Error): void => this.end(reason);
    this.#followed = [client?.onEnd(end), signal && onAbort(signal, () => end(abortReason(signal)))];
  }

  /** Why it has ended; `undefined` while it goes on. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** The first reason stands. */
  end(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls the listener at the end, at once where that was; disposing takes it off. */
  onEnd(listener: (reason: Error) => void): Disposable {
    if (this.#reason === undefined) this.#listeners.add(listener);
    else listener(this.#reason);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** @throws the reason. */
  throwIfEnded(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** Follows nothing any more. */
  [Symbol.dispose](): void {
    for (const followed of this.#followed) followed?.[Symbol.dispose]();
  }
}
