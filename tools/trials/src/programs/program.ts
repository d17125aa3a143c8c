import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './root.ts';

/** One of the two programs. */
export type ProgramName = 'imds-agent' | 'queue-processor';

/** One line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string };

/** How a program is run. */
export interface ProgramOptions {
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Arguments of node, before the program's file. */
  readonly nodeArgs?: readonly string[];
}

/** A bundled program, as a process of its own. */
export class Program implements AsyncDisposable {
  readonly name: ProgramName;
  readonly #child: ChildProcess;
  readonly #text: string[] = [];
  readonly #exit: Promise<number | null>;

  constructor(
    name: ProgramName,
    environment: Readonly<Record<string, string>>,
    { args = [], nodeArgs = [] }: ProgramOptions = {},
  ) {
    this.name = name;
    const file = path.join(root, 'apps', name, 'dist/main.cjs');
    this.#child = spawn(process.execPath, [...nodeArgs, file, ...args], {
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

  /** Its process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with its exit code when it has ended by itself. */
  get exit(): Promise<number | null> {
    return this.#exit;
  }

  /** Sends it a signal, and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Asks it to end, and resolves with its exit code. */
  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}
