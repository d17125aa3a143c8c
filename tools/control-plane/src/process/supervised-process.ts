import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessOptions } from './supervisor.ts';

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A program that was started through a supervisor. */
export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles when the program has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  readonly exit: Exit | undefined;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL once the grace is over (default 5,000 ms); waits for the end. */
  stop(graceMs?: number): Promise<Exit>;
  /** What it has written so far. */
  log(): Promise<string>;
}

/** The supervisor's side of a process. */
export interface ProcessState {
  readonly name: string;
  started(pid: number): void;
  failed(error: Error): void;
  exited(exit: Exit): void;
  orphaned(): void;
}

/** Makes both sides of a process: what its user holds, and what the supervisor reports to. */
export function createSupervisedProcess(options: ProcessOptions): {
  state: ProcessState;
  whenStarted: Promise<SupervisedProcess>;
} {
  const started = Promise.withResolvers<SupervisedProcess>();
  const ended = Promise.withResolvers<Exit>();
  let exit: Exit | undefined;
  let pid = 0;

  const kill = (signal: NodeJS.Signals) => {
    if (exit === undefined && pid > 0) sendSignal(pid, signal);
  };
  const finish = (value: Exit) => {
    exit ??= value;
    ended.resolve(exit);
  };
  const supervised: SupervisedProcess = {
    name: options.name,
    get pid() {
      return pid;
    },
    exited: ended.promise,
    get exit() {
      return exit;
    },
    kill,
    async stop(graceMs = 5000) {
      const over = new AbortController();
      kill('SIGTERM');
      kill('SIGCONT');
      void sleep(graceMs, undefined, { signal: over.signal }).then(
        () => kill('SIGKILL'),
        () => undefined,
      );
      const value = await ended.promise;
      over.abort();
      return value;
    },
    log: async () => readFile(options.logFile, 'utf8').catch(() => ''),
  };
  return {
    whenStarted: started.promise,
    state: {
      name: options.name,
      started(value) {
        pid = value;
        started.resolve(supervised);
      },
      failed(error) {
        started.reject(error);
        finish({ code: null, signal: null });
      },
      exited: finish,
      orphaned() {
        kill('SIGKILL');
        finish({ code: null, signal: 'SIGKILL' });
        started.reject(new Error(`${options.name}: the supervisor is gone`));
      },
    },
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have ended a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
