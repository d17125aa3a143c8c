import { linkSignals, sleepUntilOrMoved } from '@node-termination-handler/clock';
import type { Clock, Deadline } from '@node-termination-handler/clock';
import PQueue from 'p-queue';

/** How near an end is, in milliseconds, for which no drain waits for a place: one that is fixed, and one that somebody holds for us. */
const NEAR_MS = { fixed: 600_000, held: 120_000 } as const;

/** Whether the end of an instance is fixed: it comes whatever anybody does. Asked again whenever the end is moved. */
export type IsFixed = () => boolean;

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
  async take(deadline: Deadline, isFixed: IsFixed, signal: AbortSignal): Promise<Disposable> {
    using turn = linkSignals([signal]);
    using near = linkSignals([signal]);
    const given = Promise.withResolvers<'given'>();
    const free = Promise.withResolvers<undefined>();
    const hold = (): Promise<undefined> => {
      given.resolve('given');
      return free.promise;
    };
    const nearAt = () => deadline.atMs - (isFixed() ? NEAR_MS.fixed : NEAR_MS.held);
    if (nearAt() <= this.#clock.now()) return { [Symbol.dispose]: () => undefined };
    this.#queue.add(hold, { priority: -deadline.atMs, signal: turn.signal }).catch(() => undefined);
    try {
      const first = await Promise.race([given.promise, this.#untilNear(deadline, nearAt, near.signal)]);
      if (first === 'near') turn.abort();
    } finally {
      near.abort();
    }
    return { [Symbol.dispose]: () => free.resolve(undefined) };
  }

  async #untilNear(deadline: Deadline, nearAt: () => number, signal: AbortSignal): Promise<'near'> {
    while (nearAt() > this.#clock.now()) await sleepUntilOrMoved(this.#clock, deadline, nearAt(), signal);
    return 'near';
  }
}
