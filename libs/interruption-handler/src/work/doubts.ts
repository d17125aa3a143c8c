import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { EntryKey } from '../record/entry.ts';
import type { Doubt } from './about-event.ts';
import type { Hand } from './node-work.ts';
import type { Askable, DoubtedNotice } from './plan.ts';

/** For so long what a service has said, or what was just received, is still so, in milliseconds. */
const SURE_FOR_MS = 10_000;

/** For so long it is believed against the record, in milliseconds. */
const SURE_OTHERWISE_FOR_MS = 60_000;

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
  /** When the service of a notice last said that it is still so. */
  readonly #saidAtMs = new WeakMap<Hand, number>();
  /** When that was against the word of the record, which is not doubted again for a while: a stranger may write it again and again. */
  readonly #saidOtherwiseAtMs = new WeakMap<Hand, number>();
  readonly #asking = new WeakMap<Hand, Doubt>();

  constructor(clock: Clock, answers: Answers) {
    this.#clock = clock;
    this.#answers = answers;
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
      const isOld = asking === 'late' || !this.#isSure(hand, 'late', nowMs);
      askable.set(key, {
        isLate: (other?.isLate ?? false) || (isOld && !isBegun(key)),
        mayDoubtRecord: (other?.mayDoubtRecord ?? false) || !this.#isSure(hand, 'over-by-record', nowMs),
      });
    }
    return askable;
  }

  /** Asks about these, where that is not under way, nor answered for one of several messages. */
  ask(doubted: readonly DoubtedNotice[], hands: Iterable<Hand>): void {
    const nowMs = this.#clock.monotonic();
    for (const hand of hands) {
      const found = doubted.find(({ key }) => key === hand.notice.key);
      if (found === undefined || this.#asking.has(hand) || this.#isSure(hand, found.doubt, nowMs)) continue;
      void this.#ask(hand, found.doubt);
    }
  }

  #isSure(hand: Hand, doubt: Doubt, nowMs: number): boolean {
    return doubt === 'late'
      ? nowMs - (this.#saidAtMs.get(hand) ?? hand.cameAtMs) < SURE_FOR_MS
      : nowMs - (this.#saidOtherwiseAtMs.get(hand) ?? -Infinity) < SURE_OTHERWISE_FOR_MS;
  }

  async #ask(hand: Hand, doubt: Doubt): Promise<void> {
    const { over, signal, wake } = this.#answers;
    this.#asking.set(hand, doubt);
    const fromMs = this.#clock.monotonic();
    const limit = { clock: this.#clock, limitMs: ANSWER_WITHIN_MS, signals: [signal] };
    const holds = await withTimeLimit(limit, async (until) => hand.stillHolds?.(doubt, until)).catch(() => undefined);
    this.#asking.delete(hand);
    if (signal.aborted) return;
    // What a process has waited for while it stood still is asked again.
    const nowMs = this.#clock.monotonic();
    const stoodStill = nowMs - fromMs > 2 * ANSWER_WITHIN_MS;
    if (holds === false) over(hand);
    else if (!stoodStill) {
      this.#saidAtMs.set(hand, nowMs);
      if (doubt === 'over-by-record') this.#saidOtherwiseAtMs.set(hand, nowMs);
    }
    wake();
  }
}
