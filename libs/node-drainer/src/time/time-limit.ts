/**
 * Runs `work` under a signal that aborts with `reason()` after `ms` milliseconds, or with an outer signal's reason when
 * that aborts first. Timer and listeners are gone when `work` is.
 */
export async function withTimeLimit<T>(
  ms: number,
  outer: readonly (AbortSignal | undefined)[],
  reason: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const linked = linkSignals(outer);
  const timer = setTimeout(() => linked.abort(reason()), ms);
  try {
    linked.signal.throwIfAborted();
    return await work(linked.signal);
  } finally {
    clearTimeout(timer);
    linked.unlink();
  }
}

/** A signal that follows others. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Stops following. */
  unlink(): void;
}

/** Made once: an error with its stack is dear to make, and nobody looks at this one. */
const OVER = new Error('over');

/** A signal of its own that follows others until `unlink`; unlike `AbortSignal.any`, nothing stays behind on them. */
export function linkSignals(outer: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const undo: (() => void)[] = [];
  for (const signal of outer) {
    if (signal === undefined) continue;
    const forward = () => controller.abort(signal.reason);
    if (signal.aborted) forward();
    signal.addEventListener('abort', forward, { once: true });
    undo.push(() => signal.removeEventListener('abort', forward));
  }
  return {
    signal: controller.signal,
    abort: (reason = OVER) => controller.abort(reason),
    unlink: () => {
      for (const step of undo) step();
    },
  };
}
