import { abortable, onAbort } from '@node-termination-handler/clock';

/** Looks whether a node is still empty. */
export type StillEmpty = (signal: AbortSignal) => Promise<boolean>;

/**
 * One hook for all nodes that carry its instance: it is completed once each of them is empty, and everybody waits for that.
 *
 * The first may have waited long for the last, so all but the last are looked at again. Where one is empty no more, or completing fails,
 * all of them learn it, and ask anew.
 */
export class LastOf {
  readonly #complete: (signal: AbortSignal) => Promise<void>;
  readonly #asking = new Map<AbortSignal, StillEmpty>();
  #nodes: number;
  #round = Promise.withResolvers<undefined>();

  constructor(nodes: number, complete: (signal: AbortSignal) => Promise<void>) {
    this.#nodes = nodes;
    this.#complete = complete;
  }

  /** Asks for one node, which was just seen to be empty. */
  async ask(signal: AbortSignal, isStillEmpty: StillEmpty): Promise<void> {
    using _takesItBack = onAbort(signal, () => this.#asking.delete(signal));
    this.#asking.set(signal, isStillEmpty);
    const { promise } = this.#round;
    this.#completeIfAll(signal);
    await abortable(promise, signal);
  }

  /** One node is gone: the others wait for it no longer. */
  leave(): void {
    this.#nodes -= 1;
    this.#completeIfAll();
  }

  #completeIfAll(last?: AbortSignal): void {
    const [first] = this.#asking.keys();
    const signal = last ?? first;
    if (signal === undefined || this.#asking.size < this.#nodes) return;
    const { resolve, reject, promise } = this.#round;
    promise.catch(() => undefined);
    const waited = [...this.#asking].filter(([asker]) => asker !== last).map(([, isStillEmpty]) => isStillEmpty);
    this.#asking.clear();
    this.#round = Promise.withResolvers();
    this.#completeOf(waited, signal).then(() => resolve(undefined), reject);
  }

  async #completeOf(waited: readonly StillEmpty[], signal: AbortSignal): Promise<void> {
    const looks = await Promise.all(waited.map((isStillEmpty) => isStillEmpty(signal)));
    if (!looks.every(Boolean)) throw new Error('a node that carries the instance is empty no more');
    await this.#complete(signal);
  }
}
