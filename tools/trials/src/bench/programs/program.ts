import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A program that ended while it was measured. */
export class ProgramEndedError extends Error {
  override readonly name = 'ProgramEndedError';
}

/** A process that is measured from outside, by what the kernel knows of it. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'nth-bench-log-'));
  #stopping = false;
  /** When it was started, on the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Rejects when the process ends by itself. */
  readonly ended: Promise<never>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    const log = path.join(this.#directory, 'log');
    // Not a pipe: this process has no time to read it, and a full one would hold the program up.
    const output = openSync(log, 'w');
    this.#child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.ended = once(this.#child, 'close').then(([code]) => {
      if (this.#stopping) return new Promise<never>(() => undefined);
      throw new ProgramEndedError(`the program ended with ${String(code)}: ${readFileSync(log, 'utf8').slice(-500)}`);
    });
    // Nobody may be waiting for anything just then.
    this.ended.catch(() => undefined);
  }

  /** Resolves with what `work` comes to, and rejects when the process ends before. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.ended]);
  }

  /** Memory that the process holds now, in MiB. */
  get residentMiB(): number {
    return this.#statusKiB('VmRSS') / 1024;
  }

  /** The most memory that it ever held, in MiB. */
  get peakMiB(): number {
    return this.#statusKiB('VmHWM') / 1024;
  }

  /** CPU time of all its threads, in milliseconds. */
  get cpuMs(): number {
    const tasks = `/proc/${this.#pid}/task`;
    const times = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
  }

  get #pid(): number {
    if (this.#child.pid === undefined) throw new ProgramEndedError('the program did not start');
    return this.#child.pid;
  }

  #statusKiB(field: string): number {
    const text = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close');
      this.#child.kill('SIGKILL');
      await closed;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
