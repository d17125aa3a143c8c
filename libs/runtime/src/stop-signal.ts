/**
 * The signals by which a program is told to stop.
 *
 * Windows has no SIGTERM: a container that is stopped gets CTRL_SHUTDOWN_EVENT, which Node tells as SIGHUP, and Ctrl+Break
 * as SIGBREAK. Pure.
 *
 * @see https://nodejs.org/api/process.html#signal-events
 */
export function stopSignalNames(platform: NodeJS.Platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGTERM', 'SIGINT'];
}

/**
 * Aborts at the first signal to stop; a second one ends the process at once.
 *
 * As process 1 of a container the program gets no default handling of signals, so it must have its own.
 */
export function stopSignal(onStop: (signal: NodeJS.Signals) => void): AbortSignal {
  const stop = new AbortController();
  for (const name of stopSignalNames(process.platform)) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      onStop(name);
      stop.abort();
    });
  }
  return stop.signal;
}
