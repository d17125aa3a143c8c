import type { Clock } from './clock.ts';

/** What lasts is told again after so long, in milliseconds. */
const TOLD_AGAIN_AFTER_MS = 300_000;

/** How many reasons of one failure are remembered as told; more are told as they come. */
const REASONS_REMEMBERED = 20;

/** Knows of what is tried again and again what of its failures is news: that it begins, each of its reasons once, and every five minutes that it lasts. */
export class LastingFailure {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #current: { readonly sinceMs: number; toldAtMs: number; readonly reasons: Set<string> } | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether it failed the last time. */
  get isFailing(): boolean {
    return this.#current !== undefined;
  }

  /**
   * It has failed.
   *
   * @param reason - Two that differ in a number alone, such as the milliseconds that were waited, are one.
   * @returns what of that is news, and for how many milliseconds it has failed.
   */
  failed(reason: string): { readonly news: 'begins' | 'other-reason' | 'lasts' | 'none'; readonly lastsMs: number } {
    const nowMs = this.#clock.monotonic();
    const kind = withoutNumbers(reason);
    const begins = this.#current === undefined;
    const current = (this.#current ??= { sinceMs: nowMs, toldAtMs: nowMs, reasons: new Set() });
    const isOther = !current.reasons.has(kind);
    const isDue = nowMs - current.toldAtMs >= TOLD_AGAIN_AFTER_MS;
    if (isOther || isDue) current.toldAtMs = nowMs;
    if (current.reasons.size < REASONS_REMEMBERED) current.reasons.add(kind);
    const news = begins ? 'begins' : isOther ? 'other-reason' : isDue ? 'lasts' : 'none';
    return { news, lastsMs: nowMs - current.sinceMs };
  }

  /** It has succeeded: gives for how many milliseconds it had failed, `undefined` where it had not. */
  succeeded(): number | undefined {
    const current = this.#current;
    this.#current = undefined;
    return current === undefined ? undefined : this.#clock.monotonic() - current.sinceMs;
  }
}

/** What two texts have alike that differ in numbers alone. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '#');
}
