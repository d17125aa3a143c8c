import { systemClock } from '@node-termination-handler/clock';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A program that could not be started, or ended when it should not have. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One program to start. */
interface ProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment of the program. Default: this process' own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard output and error go here, appended. */
  readonly logFile: string;
  readonly cwd?: string;
}

/** What the supervisor's process is asked for. */
export type SupervisorRequest =
  | { readonly kind: 'start'; readonly id: number; readonly options: ProcessOptions }
  /** A directory that goes when the supervisor goes. */
  | { readonly kind: 'remove-at-end'; readonly path: string };

/** What the supervisor's process reports. */
export type SupervisorReport =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'not-started'; readonly id: number; readonly message: string }
  | { readonly kind: 'exited'; readonly id: number; readonly exit: Exit };

/** A program that was started through a supervisor. */
export class SupervisedProcess {
  readonly name: string;
  readonly pid: number;
  readonly #logFile: string;
  readonly #ended = Promise.withResolvers<Exit>();
  #exit: Exit | undefined;

  constructor(pid: number, { name, logFile }: Pick<ProcessOptions, 'name' | 'logFile'>) {
    this.name = name;
    this.pid = pid;
    this.#logFile = logFile;
  }

  /** Settles when the program has ended; never rejects. */
  get exited(): Promise<Exit> {
    return this.#ended.promise;
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      // It may have ended a moment ago.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** SIGTERM, then SIGKILL once the grace is over (default 5,000 ms); waits for the end. */
  async stop(graceMs = 5000): Promise<Exit> {
    this.kill('SIGTERM');
    this.kill('SIGCONT');
    using _grace = systemClock.startTimer(graceMs, () => this.kill('SIGKILL'));
    return await this.exited;
  }

  /** What it has written so far. */
  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  /** The supervisor tells that it has ended. */
  end(exit: Exit): void {
    this.#exit ??= exit;
    this.#ended.resolve(this.#exit);
  }
}

/** Starts programs that never outlive this process. */
export interface Supervisor extends AsyncDisposable {
  /** @throws {@link ProcessError} when the program can't be started. */
  start(options: ProcessOptions): Promise<SupervisedProcess>;
  /** A directory to be removed when the supervisor ends, however it ends. */
  removeAtEnd(path: string): void;
  /** Ends every program still running (SIGTERM, after 3 s SIGKILL) and waits for it. */
  close(): Promise<void>;
}

/**
 * Starts a small process that starts all others and ends them when this process is gone: after `close()`, but also after an uncaught
 * error, Ctrl-C or SIGKILL.
 */
export function createSupervisor(): Supervisor {
  const main = fileURLToPath(new URL('./supervisor-process.ts', import.meta.url));
  const execArgv = ['-C', '@node-termination-handler/source'];
  const child = fork(main, [], { detached: true, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const starting = new Map<number, PromiseWithResolvers<SupervisedProcess> & { readonly options: ProcessOptions }>();
  const running = new Map<number, SupervisedProcess>();
  let lastId = 0;
  let closing: Promise<void> | undefined;

  child.on('message', (report: SupervisorReport) => {
    const start = starting.get(report.id);
    starting.delete(report.id);
    switch (report.kind) {
      case 'started': {
        if (start === undefined) return;
        const program = new SupervisedProcess(report.pid, start.options);
        // At once, since it may have ended already, and the report of that may be the next.
        running.set(report.id, program);
        start.resolve(program);
        return;
      }
      case 'not-started':
        start?.reject(new ProcessError(`${start.options.name}: ${report.message}`));
        return;
      case 'exited':
        running.get(report.id)?.end(report.exit);
        running.delete(report.id);
        return;
    }
  });
  child.once('exit', () => {
    for (const { reject, options } of starting.values()) {
      reject(new ProcessError(`${options.name}: the supervisor is gone`));
    }
    // The supervisor itself was killed: what it can't end any more is ended here.
    for (const program of running.values()) {
      program.kill('SIGKILL');
      program.end({ code: null, signal: 'SIGKILL' });
    }
  });

  const send = (request: SupervisorRequest) => child.send(request);
  const closeProcess = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  };
  const close = () => (closing ??= closeProcess());
  return {
    start(options) {
      const id = ++lastId;
      const started = Promise.withResolvers<SupervisedProcess>();
      starting.set(id, { ...started, options });
      send({ kind: 'start', id, options: { env: process.env, ...options } });
      return started.promise;
    },
    removeAtEnd: (path) => void send({ kind: 'remove-at-end', path }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
