import { backoffMs } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { EntryKey } from '../record/entry.ts';

/** How the pauses grow after which a drain, a look or a completion that failed is tried again. */
const AGAIN = { firstMs: 2_000, maxMs: 60_000 };
/** No pause is longer than this part of the time that is left. */
const PART_OF_TIME_LEFT = 8;

/** What has failed on a node, and when it is tried again. */
export class Pauses {
  readonly #clock: Clock;
  /** How often in a row. */
  #times = 0;
  #failedAtMs = 0;
  #againAtMs = -Infinity;
  /** Whose work it was: another interruption does not wait for it. */
  readonly #keys = new Set<EntryKey>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In how many milliseconds it is tried again; not positive where nothing is waited for. */
  get againInMs(): number {
    return this.#againAtMs - this.#clock.monotonic();
  }

  /** Whether work for these may begin. */
  mayBegin(keys: readonly EntryKey[]): boolean {
    return this.againInMs <= 0 || keys.some((key) => !this.#keys.has(key));
  }

  /** Work for these has failed, and the instance goes in so many milliseconds. */
  failed(keys: readonly EntryKey[], leftMs: number): void {
    this.#times += 1;
    this.#failedAtMs = this.#clock.monotonic();
    this.#againAtMs = this.#failedAtMs + backoffMs(this.#times, AGAIN);
    this.fit(leftMs);
    for (const key of keys) this.#keys.add(key);
  }

  /** The instance goes in so many milliseconds, which may be sooner than it seemed when it failed. */
  fit(leftMs: number): void {
    const longestMs = Math.max(AGAIN.firstMs, leftMs / PART_OF_TIME_LEFT);
    this.#againAtMs = Math.min(this.#againAtMs, this.#failedAtMs + longestMs);
  }

  /** Something has worked. */
  nothingFails(): void {
    this.#times = 0;
    this.#againAtMs = -Infinity;
    this.#keys.clear();
  }
}
