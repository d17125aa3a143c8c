/**
 * Aborts at the first SIGTERM or SIGINT; a second one ends the process at once.
 *
 * As process 1 of a container the program gets no default handling of signals, so it must have its own.
 */
export function stopSignal(onStop: (signal: NodeJS.Signals) => void): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      onStop(name);
      stop.abort();
    });
  }
  return stop.signal;
}
