import { abortReason } from './abort-reason.ts';

/**
 * Waits.
 *
 * @throws the signal's reason when it is aborted.
 */
export function wait(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Waits for a promise that goes on without us, but only so long.
 *
 * @param late - Makes the error for when the time is over.
 * @throws what the promise rejects with, the error of `late`, or the signal's reason.
 */
export async function within<T>(
  promise: Promise<T>,
  durationMs: number,
  late: () => Error,
  signal: AbortSignal | undefined,
): Promise<T> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(abortReason(signal));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const tooLate = wait(durationMs, stop.signal).then(() => Promise.reject(late()));
    return await Promise.race([promise, tooLate]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort();
  }
}
