import { linkSignals, sleepUntilOrMoved } from '@node-termination-handler/clock';
import type { Clock, Deadline } from '@node-termination-handler/clock';
import PQueue from 'p-queue';

/** A drain whose instance goes so soon never waits for a place, in milliseconds. */
const AT_ONCE_MS = 600_000;

/** Bounds how many drains send requests at the same time, the earliest deadline first. */
export class Places {
  readonly #queue: PQueue;
  readonly #clock: Clock;

  constructor(clock: Clock, concurrency: number) {
    this.#clock = clock;
    this.#queue = new PQueue({ concurrency });
  }

  /**
   * Waits for a place, and no longer than until the deadline, wherever it is moved meanwhile, is near. Disposing it gives it back, once.
   *
   * @throws the signal's reason.
   */
  async take(deadline: Deadline, signal: AbortSignal): Promise<Disposable> {
    using turn = linkSignals([signal]);
    using near = linkSignals([signal]);
    const given = Promise.withResolvers<'given'>();
    const free = Promise.withResolvers<undefined>();
    const hold = (): Promise<undefined> => {
      given.resolve('given');
      return free.promise;
    };
    if (this.#isNear(deadline)) return { [Symbol.dispose]: () => undefined };
    this.#queue.add(hold, { priority: -deadline.atMs, signal: turn.signal }).catch(() => undefined);
    try {
      const first = await Promise.race([given.promise, this.#untilNear(deadline, near.signal)]);
      if (first === 'near') turn.abort();
    } finally {
      near.abort();
    }
    return { [Symbol.dispose]: () => free.resolve(undefined) };
  }

  #isNear(deadline: Deadline): boolean {
    return deadline.remainingMs(this.#clock.now()) <= AT_ONCE_MS;
  }

  async #untilNear(deadline: Deadline, signal: AbortSignal): Promise<'near'> {
    while (!this.#isNear(deadline)) await sleepUntilOrMoved(this.#clock, deadline, deadline.atMs - AT_ONCE_MS, signal);
    return 'near';
  }
}
