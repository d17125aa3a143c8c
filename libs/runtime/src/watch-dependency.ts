import { backoffMs, sleep } from '@node-termination-handler/clock';
import { errorText } from '@node-termination-handler/logger';
import type { SharedSettings } from '@node-termination-handler/settings';
import type { Runtime } from './runtime.ts';
import { createLastingFailure } from './telling/lasting-failure.ts';
import type { LastingFailureOptions } from './telling/lasting-failure.ts';

/** How often it is asked for while it is there, in milliseconds. */
const ASK_EVERY_MS = 600_000;

/** How the pauses grow while it is not. */
const ASK_AGAIN = { firstMs: 2_000, maxMs: 60_000 };

/** Something that the work needs and that nothing else would show to be there. */
export interface WatchedDependency extends Pick<LastingFailureOptions, 'failing' | 'over' | 'advice'> {
  /** What the readiness probe calls it. */
  readonly name: string;
  /** Asks for it. @throws why it is not there. */
  readonly ask: () => Promise<void>;
}

/** What the watch of a dependency needs. */
export type DependencyParts = Pick<Runtime<SharedSettings>, 'clock' | 'health' | 'log'>;

/** Asks for something every ten minutes, and sooner while it is not there; probe and log say how that goes. Ends with the signal, quietly. */
export async function watchDependency(
  { name, ask, ...words }: WatchedDependency,
  { clock, health, log }: DependencyParts,
  signal: AbortSignal,
): Promise<void> {
  const dependency = health.dependency(name, { withinMs: 2 * ASK_EVERY_MS });
  const failure = createLastingFailure({ log, clock, ...words });
  const isOver = (): boolean => signal.aborted;
  let failures = 0;
  while (!isOver()) {
    try {
      await ask();
      failures = 0;
      dependency.succeeded();
      failure.succeeded();
    } catch (error) {
      if (isOver()) return;
      failures += 1;
      const reason = `${errorText(error)}; ${words.advice}`;
      // One answer may be a moment's; the next try is seconds away.
      if (failures === 1) dependency.failed(reason);
      else dependency.refused(reason);
      failure.failed(error);
    }
    const backoff = failures === 0 ? { firstMs: ASK_EVERY_MS, maxMs: ASK_EVERY_MS } : ASK_AGAIN;
    await sleep(clock, backoffMs(failures || 1, backoff), signal, { keepsProcessAlive: false }).catch(() => undefined);
  }
}
