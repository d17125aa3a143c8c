/** What is expected of one loop: to succeed again and again. */
export interface Expectation {
  readonly withinMs: number;
}

/** The end of a loop that reports how its rounds go. */
export interface Reporter {
  /** A round went well. */
  succeeded(): void;
  /** A round went wrong; the reason shows in the probe's answer until the next success. */
  failed(reason: unknown): void;
  /** Nothing is expected any more, because the loop has ended as it should. */
  retire(): void;
}

/** How one loop does. */
export interface Check {
  readonly name: string;
  /** It has succeeded within its time, or its first time has not run out yet. */
  readonly healthy: boolean;
  /** It has succeeded at least once and is healthy. */
  readonly ready: boolean;
  /** Milliseconds since the last success; `undefined` before the first. */
  readonly lastSuccessAgoMs: number | undefined;
  readonly withinMs: number;
  /** Why the last round failed; `undefined` after a success. */
  readonly reason: string | undefined;
}

/** How the program does: as well as the worst of its loops. */
export interface HealthStatus {
  readonly healthy: boolean;
  readonly ready: boolean;
  readonly checks: readonly Check[];
}

/** Knows whether the loops that the program lives by still succeed. */
export interface Health {
  /** Expects a loop of this name to succeed at least every `withinMs` milliseconds, from now on. A second one of the same name replaces the first. */
  expect(name: string, expectation: Expectation): Reporter;
  /** How every loop is now. */
  status(): HealthStatus;
}

interface Loop {
  readonly withinMs: number;
  readonly since: number;
  lastSuccess: number | undefined;
  reason: string | undefined;
}

const longestReason = 300;

/**
 * Creates a record of health. A process that lives while its loop is stuck is not healthy.
 *
 * @param options - `now`: a monotonic clock in milliseconds. Default: `performance.now`.
 */
export function createHealth({ now = () => performance.now() }: { readonly now?: () => number } = {}): Health {
  const loops = new Map<string, Loop>();
  return {
    expect(name, { withinMs }) {
      const loop: Loop = { withinMs, since: now(), lastSuccess: undefined, reason: undefined };
      loops.set(name, loop);
      return {
        succeeded() {
          loop.lastSuccess = now();
          loop.reason = undefined;
        },
        failed(reason) {
          loop.reason = (reason instanceof Error ? reason.message : String(reason)).slice(0, longestReason);
        },
        retire() {
          if (loops.get(name) === loop) loops.delete(name);
        },
      };
    },
    status() {
      const at = now();
      const checks = [...loops].map(([name, loop]) => check(name, loop, at));
      return {
        healthy: checks.every(({ healthy }) => healthy),
        ready: checks.length > 0 && checks.every(({ ready }) => ready),
        checks,
      };
    },
  };
}

function check(name: string, { withinMs, since, lastSuccess, reason }: Loop, at: number): Check {
  const healthy = at - (lastSuccess ?? since) <= withinMs;
  return {
    name,
    healthy,
    ready: healthy && lastSuccess !== undefined,
    lastSuccessAgoMs: lastSuccess === undefined ? undefined : at - lastSuccess,
    withinMs,
    reason,
  };
}
