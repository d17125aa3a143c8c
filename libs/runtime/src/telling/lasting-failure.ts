import { LastingFailure as Failure } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { errorText } from '@node-termination-handler/logger';
import type { Logger } from '@node-termination-handler/logger';

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

/** Tells a failure when it begins, when its reason changes, every five minutes while it lasts, and when it is over; the rest at `debug`. */
export function createLastingFailure(options: LastingFailureOptions): LastingFailure {
  const { log, clock, failing, over, advice, level = 'warn', reasonOf, fields } = options;
  const failure = new Failure(clock);
  const lasting = (lastsMs: number) => ({ 'lasts-seconds': Math.round(lastsMs / 1000) });
  return {
    failed(error, about) {
      const { news, lastsMs } = failure.failed(reasonOf?.(error) ?? errorText(error));
      const line = { ...fields, ...about, advice, ...(news === 'begins' ? {} : lasting(lastsMs)), err: error };
      log[news === 'none' ? 'debug' : level](line, failing);
    },
    succeeded() {
      const lastsMs = failure.succeeded();
      if (lastsMs !== undefined) log.info({ ...fields, ...lasting(lastsMs) }, over);
    },
  };
}
