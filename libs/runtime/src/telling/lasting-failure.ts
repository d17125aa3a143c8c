import type { Clock } from '@node-termination-handler/clock';
import { errorText } from '@node-termination-handler/logger';
import type { Logger } from '@node-termination-handler/logger';

/** A failure that lasts is told again after so long, in milliseconds. */
const TOLD_AGAIN_AFTER_MS = 300_000;

/** How many reasons of one failure are remembered as told; more are told as they come. */
const REASONS_REMEMBERED = 20;

/** What is tried again and again, and told as one failure for as long as it does not work. */
export interface LastingFailure {
  /** It has failed once more; the fields stand on the line about it, if there is one. */
  failed(error: unknown, fields?: Readonly<Record<string, string>>): void;
  succeeded(): void;
}

/** How a failure is told. */
export interface LastingFailureOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What the lines say while it lasts. */
  readonly failing: string;
  /** What the line says when it is over. */
  readonly over: string;
  /** What a person does about it: on each line that says that it lasts. */
  readonly advice: string;
  /** Default: `warn`. */
  readonly level?: 'warn' | 'error';
  /** What tells its reasons apart. Default: what it says, without numbers. */
  readonly reasonOf?: (error: unknown) => string | undefined;
  /** On each of its lines. */
  readonly fields?: Readonly<Record<string, string>>;
}

/**
 * Tells a failure when it begins, when its reason changes, every five minutes while it lasts, and when it is over; the tries in
 * between show at level `debug`.
 */
export function createLastingFailure(options: LastingFailureOptions): LastingFailure {
  const { log, clock, failing, over, advice, level = 'warn', reasonOf, fields = {} } = options;
  let current: { readonly sinceMs: number; toldAtMs: number; readonly reasons: Set<string> } | undefined;
  const lasting = (sinceMs: number) => ({ 'lasts-seconds': Math.round((clock.monotonic() - sinceMs) / 1000) });
  return {
    failed(error, about = {}) {
      const line = { ...fields, ...about, advice, err: error };
      const nowMs = clock.monotonic();
      const reason = reasonOf?.(error) ?? textOf(error);
      if (current === undefined) {
        current = { sinceMs: nowMs, toldAtMs: nowMs, reasons: new Set([reason]) };
        log[level](line, failing);
        return;
      }
      const isDue = nowMs - current.toldAtMs >= TOLD_AGAIN_AFTER_MS;
      if (isDue) {
        current.toldAtMs = nowMs;
        current.reasons.clear();
      }
      const isNews = isDue || !current.reasons.has(reason);
      if (current.reasons.size < REASONS_REMEMBERED) current.reasons.add(reason);
      log[isNews ? level : 'debug']({ ...line, ...lasting(current.sinceMs) }, failing);
    },
    succeeded() {
      if (current === undefined) return;
      log.info({ ...fields, ...lasting(current.sinceMs) }, over);
      current = undefined;
    },
  };
}

/** Two failures that differ in a number alone, such as the milliseconds that were waited, have one reason. */
function textOf(error: unknown): string {
  return errorText(error).replaceAll(/\d+/g, '#');
}
