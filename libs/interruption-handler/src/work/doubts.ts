import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { EntryKey } from '../record/entry.ts';
import type { Doubt } from './about-event.ts';
import type { Hand } from './node-work.ts';
import type { Askable, DoubtedNotice } from './plan.ts';

/** For so long what a service has said, or what was just received, is still so, in milliseconds. */
const SURE_FOR_MS = 10_000;

/** So long an answer is waited for, in milliseconds: then the notice is acted on. */
const ANSWER_WITHIN_MS = 5_000;

/** Where it is heard what came of asking. */
interface Answers {
  /** The service says that what a notice tells of is over. */
  readonly over: (hand: Hand) => void;
  readonly wake: () => void;
  /** Ends the asking. */
  readonly signal: AbortSignal;
}

/** Asks the services whether what notices in hand tell of is still so, before anything is begun for those of which there is a doubt. */
export class Doubts {
  readonly #clock: Clock;
  readonly #answers: Answers;
  readonly #sureUntilMs = new WeakMap<Hand, number>();
  /** Whose service was asked because the record says that it is over: that is not asked again, as a stranger may write it again and again. */
  readonly #saysOtherwise = new WeakSet<Hand>();
  readonly #asking = new WeakMap<Hand, Doubt>();

  constructor(clock: Clock, answers: Answers) {
    this.#clock = clock;
    this.#answers = answers;
  }

  /** A notice is taken in hand. */
  take(hand: Hand): void {
    this.#isSureFor(hand);
  }

  /** Of which notices in hand a service can be asked, and why it would be. @param isBegun - whether something is being done for one already. */
  askable(hands: Iterable<Hand>, isBegun: (key: EntryKey) => boolean): ReadonlyMap<EntryKey, Askable> {
    const nowMs = this.#clock.monotonic();
    const askable = new Map<EntryKey, Askable>();
    for (const hand of hands) {
      if (hand.stillHolds === undefined) continue;
      const { key } = hand.notice;
      const other = askable.get(key);
      const asking = this.#asking.get(hand);
      const isOld = asking === 'late' || (this.#sureUntilMs.get(hand) ?? Infinity) <= nowMs;
      askable.set(key, {
        isLate: (other?.isLate ?? false) || (isOld && !isBegun(key)),
        mayDoubtRecord: (other?.mayDoubtRecord ?? false) || !this.#saysOtherwise.has(hand),
      });
    }
    return askable;
  }

  /** Asks about these, where that is not under way. */
  ask(doubted: readonly DoubtedNotice[], hands: Iterable<Hand>): void {
    for (const hand of hands) {
      const found = doubted.find(({ key }) => key === hand.notice.key);
      if (found !== undefined && !this.#asking.has(hand)) void this.#ask(hand, found.doubt);
    }
  }

  async #ask(hand: Hand, doubt: Doubt): Promise<void> {
    const { over, signal, wake } = this.#answers;
    this.#asking.set(hand, doubt);
    const fromMs = this.#clock.monotonic();
    const limit = { clock: this.#clock, limitMs: ANSWER_WITHIN_MS, signals: [signal] };
    const holds = await withTimeLimit(limit, async (until) => hand.stillHolds?.(doubt, until)).catch(() => undefined);
    this.#asking.delete(hand);
    if (signal.aborted) return;
    // A process that stood still meanwhile has waited for no answer.
    const stoodStill = holds === undefined && this.#clock.monotonic() - fromMs > 2 * ANSWER_WITHIN_MS;
    if (holds === false) over(hand);
    else if (!stoodStill) {
      this.#isSureFor(hand);
      if (doubt === 'over-by-record') this.#saysOtherwise.add(hand);
    }
    wake();
  }

  #isSureFor(hand: Hand): void {
    this.#sureUntilMs.set(hand, this.#clock.monotonic() + SURE_FOR_MS);
  }
}
