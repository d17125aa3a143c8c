import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { Hand } from './node-work.ts';
import type { DoubtedNotice, Known } from './plan.ts';

/** What is in hand for so long before anything stands on the node may be over by now, in milliseconds. */
const LATE_MS = 10_000;

/** So long an answer is waited for, in milliseconds: then the notice is acted on. */
const ANSWER_WITHIN_MS = 5_000;

/** Where it is heard what came of asking. */
interface Answers {
  /** Those who told of a notice say that it is over. */
  readonly over: (hand: Hand) => void;
  readonly wake: () => void;
  /** Ends the asking. */
  readonly signal: AbortSignal;
}

/** Asks, once for each notice in hand, those who told of it whether it is still so. */
export class Doubts {
  readonly #clock: Clock;
  readonly #answers: Answers;
  readonly #takenAtMs = new WeakMap<Hand, number>();
  readonly #asking = new WeakSet<Hand>();
  /** Of whose notices there is no doubt any more. */
  readonly #isSure = new WeakSet<Hand>();

  constructor(clock: Clock, answers: Answers) {
    this.#clock = clock;
    this.#answers = answers;
  }

  /** A notice is taken in hand, just checked. */
  take(hand: Hand): void {
    this.#takenAtMs.set(hand, this.#clock.monotonic());
  }

  /** Whether anything is in hand for so long that it may be over. */
  areLate(hands: Iterable<Hand>): boolean {
    return this.askable(hands).values().some(({ isLate }) => isLate);
  }

  /** About which notices somebody can still be asked. */
  askable(hands: Iterable<Hand>): Known['askable'] {
    const nowMs = this.#clock.monotonic();
    return new Map(
      [...hands]
        .filter((hand) => hand.stillHolds !== undefined && !this.#isSure.has(hand))
        .map((hand) => [
          hand.notice.key,
          { isLate: nowMs - (this.#takenAtMs.get(hand) ?? nowMs) >= LATE_MS || this.#asking.has(hand) },
        ]),
    );
  }

  /** Asks about these, where that is not under way. */
  ask(doubted: readonly DoubtedNotice[], hands: Iterable<Hand>): void {
    for (const { key, doubt } of doubted) {
      for (const hand of hands) {
        if (hand.notice.key === key && !this.#asking.has(hand)) void this.#ask(hand, doubt);
      }
    }
  }

  async #ask(hand: Hand, doubt: DoubtedNotice['doubt']): Promise<void> {
    const { over, signal, wake } = this.#answers;
    this.#asking.add(hand);
    const limit = { clock: this.#clock, limitMs: ANSWER_WITHIN_MS, signals: [signal] };
    const holds = await withTimeLimit(limit, async (until) => hand.stillHolds?.(doubt, until)).catch(() => true);
    if (signal.aborted) return;
    this.#isSure.add(hand);
    if (holds === false) over(hand);
    wake();
  }
}
