import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';

/** In what time something is expected to happen again. */
export interface Expectation {
  /** Milliseconds. */
  readonly withinMs: number;
}

/** A loop of the process itself, which must go round and round, whatever its rounds come to. */
export interface Loop {
  /** A round is over, also one that failed or found nothing to do. */
  turned(): void;
  /** The loop has ended as it should. */
  retire(): void;
}

/** Something outside of the process that its work needs, such as a queue. */
export interface Dependency {
  /** It was there, and did what it was asked. */
  succeeded(): void;
  /** It failed; forgiven until its time is over. The reason, with its causes, shows in the probe's answer until the next success. */
  failed(reason: string): void;
  /** It is known not to do what the work needs, and no further try will help until somebody changes something. */
  refused(reason: string): void;
  /** It is needed no longer. */
  retire(): void;
}

/** How one loop or dependency does. */
export interface Check {
  /** Its name in the probe's answer. */
  readonly name: string;
  /** Whose health it is: a loop's is the process's own. */
  readonly of: 'process' | 'dependency';
  /** A loop has turned in its time; a dependency has succeeded in its time, at least once. */
  readonly well: boolean;
  /** Milliseconds since it last turned or succeeded; `undefined` before the first time. */
  readonly lastSuccessAgoMs: number | undefined;
  /** In how many milliseconds it must turn or succeed. */
  readonly withinMs: number;
  /** Why it failed last, in words; `undefined` after a success. */
  readonly reason: string | undefined;
}

/** How the program does. */
export interface HealthStatus {
  /** Every loop of the process turns. What else is wrong, a restart mends nothing of it. */
  readonly alive: boolean;
  /** It is alive, and everything that its work needs is there. */
  readonly ready: boolean;
  /** Every loop and dependency, in the order in which they were named. */
  readonly checks: readonly Check[];
}

/** Knows whether the process is alive, and whether what it needs is there. The two are kept apart: a restart brings no queue back. */
export interface Health {
  /** Expects a loop of the process to turn at least every `withinMs` milliseconds, from now on. One of the same name is replaced. */
  loop(name: string, expectation: Expectation): Loop;
  /** Expects a dependency to succeed at least every `withinMs` milliseconds, from now on. One of the same name is replaced. */
  dependency(name: string, expectation: Expectation): Dependency;
  /** How everything is now. */
  status(): HealthStatus;
}

interface Entry {
  readonly of: Check['of'];
  readonly withinMs: number;
  /** From when the time that it has is counted: its last success, or its beginning. */
  countsFromMs: number;
  lastMs: number | undefined;
  reason: string | undefined;
  isRefused: boolean;
}

const LONGEST_REASON = 500;

/** Creates a record of health. A process that answers while one of its loops is stuck is not alive. */
export function createHealth({ clock = systemClock }: { readonly clock?: Pick<Clock, 'monotonic'> } = {}): Health {
  const entries = new Map<string, Entry>();
  const enter = (name: string, of: Check['of'], withinMs: number) => {
    const entry: Entry = {
      of,
      withinMs,
      countsFromMs: clock.monotonic(),
      lastMs: undefined,
      reason: undefined,
      isRefused: false,
    };
    entries.set(name, entry);
    return {
      succeed: () => {
        const nowMs = clock.monotonic();
        Object.assign(entry, { countsFromMs: nowMs, lastMs: nowMs, reason: undefined, isRefused: false });
      },
      fail: (reason: string, isRefused: boolean) =>
        Object.assign(entry, { reason: reason.slice(0, LONGEST_REASON), isRefused }),
      retire: () => {
        if (entries.get(name) === entry) entries.delete(name);
      },
    };
  };
  return {
    loop(name, { withinMs }) {
      const { succeed, retire } = enter(name, 'process', withinMs);
      return { turned: succeed, retire };
    },
    dependency(name, { withinMs }) {
      const { succeed, fail, retire } = enter(name, 'dependency', withinMs);
      return {
        succeeded: succeed,
        failed: (reason) => void fail(reason, false),
        refused: (reason) => void fail(reason, true),
        retire,
      };
    },
    status() {
      const nowMs = clock.monotonic();
      const checks = [...entries].map(([name, entry]) => check(name, entry, nowMs));
      const needed = checks.filter((each) => each.of === 'dependency');
      const alive = checks.every((each) => each.of === 'dependency' || each.well);
      return { alive, ready: alive && needed.length > 0 && needed.every(({ well }) => well), checks };
    },
  };
}

function check(name: string, { of, withinMs, countsFromMs, lastMs, reason, isRefused }: Entry, nowMs: number): Check {
  const inTime = nowMs - countsFromMs <= withinMs;
  return {
    name,
    of,
    // A loop has its time for the first round, too; a dependency must have been seen.
    well: inTime && !isRefused && (of === 'process' || lastMs !== undefined),
    lastSuccessAgoMs: lastMs === undefined ? undefined : nowMs - lastMs,
    withinMs,
    reason,
  };
}
