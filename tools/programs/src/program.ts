import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { root } from './root.ts';

/** One line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string };

/** A bundled program, as a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #text: string[] = [];
  readonly #exit: Promise<number | null>;

  constructor(
    app: 'imds-agent' | 'queue-processor',
    environment: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ) {
    this.#child = spawn(process.execPath, [path.join(root, 'apps', app, 'dist/main.cjs'), ...args], {
      env: { PATH: process.env.PATH ?? '', JSON_LOGGING: 'true', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#text.push(line));
    }
    this.#exit = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** Everything it wrote so far. */
  get output(): string {
    return this.#text.join('\n');
  }

  /** Its log lines so far. */
  get log(): readonly LogLine[] {
    return this.#text.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with its exit code when it has ended by itself. */
  get exit(): Promise<number | null> {
    return this.#exit;
  }

  /** Asks it to end, and resolves with its exit code. */
  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.isRunning) this.#child.kill(signal);
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}
