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

/** What of a process the signals to stop need. */
export interface SignalledProcess {
  readonly platform: NodeJS.Platform;
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Aborts at the first signal to stop; a second one ends the process at once. Disposing it gives the process its own handling back.
 *
 * As process 1 of a container the program gets no default handling of signals, so it must have its own.
 */
export function stopSignal(
  process: SignalledProcess,
  onStop: (signal: NodeJS.Signals) => void,
): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const listeners = stopSignalNames(process.platform).map((name) => {
    const listener = (): void => {
      if (stop.signal.aborted) process.exit(1);
      else {
        onStop(name);
        stop.abort(new Error('the program was told to stop'));
      }
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: stop.signal,
    [Symbol.dispose]: () => listeners.forEach(({ name, listener }) => process.off(name, listener)),
  };
}
