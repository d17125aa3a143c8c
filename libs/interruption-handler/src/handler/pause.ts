/** The longest wait a Node timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for some milliseconds.
 *
 * @throws the signal's reason when it aborts first.
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(over.resolve, Math.min(Math.max(0, ms), LONGEST_TIMER_MS), undefined);
  try {
    await untilAborted(over.promise, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a moment, however far away; see {@link pause}. */
export async function pauseUntil(moment: Date, now: () => Date, signal: AbortSignal): Promise<void> {
  for (;;) {
    const left = moment.getTime() - now().getTime();
    if (left <= 0) return;
    await pause(left, signal);
  }
}

/**
 * Waits for a promise that goes on by itself, but no longer than the signal allows.
 *
 * @throws the signal's reason when it aborts first.
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
