import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { freePorts } from '@node-termination-handler/control-plane';
import type { Exit, SupervisedProcess, Supervisor } from '@node-termination-handler/control-plane';
import { eventually, HopelessError } from './wait.ts';

/** The root of the workspace. */
export const root = path.resolve(import.meta.dirname, '../../..');

/** One of the two programs. */
export type ProgramName = 'imds-agent' | 'queue-processor';

/** One line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string };

/** A program ended while it was still needed. */
export class ProgramEndedError extends HopelessError {
  override readonly name = 'ProgramEndedError';
}

/** The bundle of a program, in this workspace or in another one. */
export function bundleOf(program: ProgramName, workspace = root): string {
  return path.join(workspace, 'apps', program, 'dist/main.cjs');
}

/** A bundle is not there: the programs must be built first. */
class BundleMissingError extends Error {
  override readonly name = 'BundleMissingError';
}

/** @throws {@link BundleMissingError} when a program's bundle is not there */
export async function mustBeBuilt(workspace = root): Promise<void> {
  for (const program of ['imds-agent', 'queue-processor'] as const) {
    const bundle = bundleOf(program, workspace);
    await access(bundle).catch((cause: unknown) => {
      throw new BundleMissingError(`${bundle} is missing: build the programs first, by npm run bundle`, { cause });
    });
  }
}

/** How a program is run. */
export interface ProgramOptions {
  /** What it is called in messages. Default: its name. */
  readonly label?: string;
  /** What is run. Default: the program's bundle in this workspace. */
  readonly file?: string;
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Arguments of node, before the program's file. */
  readonly nodeArgs?: readonly string[];
  /** Where everything that it writes goes, and stays. Default: a file that goes with the program. */
  readonly logFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
/** A process, however it was started. */
export type ProcessHandle = Pick<SupervisedProcess, 'pid' | 'exit' | 'exited' | 'kill'>;

/** A program as a process of its own, known by what it writes and by what the kernel knows of it. */
export class Program implements AsyncDisposable {
  readonly name: ProgramName;
  readonly label: string;
  /** When it was started, on the monotonic clock. */
  readonly startedAt: number;
  readonly #process: ProcessHandle;
  readonly #log: LogPlace;

  private constructor(name: ProgramName, label: string, startedAt: number, process: ProcessHandle, log: LogPlace) {
    this.name = name;
    this.label = label;
    this.startedAt = startedAt;
    this.#process = process;
    this.#log = log;
  }

  /** Starts a program with the variables that it is given, and none of this process' own but the path. */
  static start(name: ProgramName, environment: Environment, options: ProgramOptions = {}): Program {
    const { label = name, logFile } = options;
    const log = logPlace(logFile);
    const startedAt = systemClock.monotonic();
    return new Program(
      name,
      label,
      startedAt,
      spawned(commandLine(name, options), variables(environment), log.file),
      log,
    );
  }

  /** As {@link Program.start}, under a supervisor: it does not outlive this process, however that ends. */
  static async supervised(
    supervisor: Supervisor,
    name: ProgramName,
    environment: Environment,
    options: ProgramOptions = {},
  ): Promise<Program> {
    const { label = name, logFile } = options;
    const log = logPlace(logFile);
    const startedAt = systemClock.monotonic();
    const args = commandLine(name, options);
    const env = variables(environment);
    const started = await supervisor.start({ name: label, command: process.execPath, args, env, logFile: log.file });
    return new Program(name, label, startedAt, started, log);
  }

  /** A program that is run by somebody else, who says how it ends; all that it writes is in the log file. */
  static of(name: ProgramName, label: string, process: ProcessHandle, logFile: string): Program {
    return new Program(name, label, systemClock.monotonic(), process, { file: logFile });
  }

  /** Everything it wrote so far, without the last line's end. */
  get output(): string {
    return readFileSync(this.#log.file, 'utf8').replace(/\n$/, '');
  }

  /** Its whole log lines so far. */
  get log(): readonly LogLine[] {
    const lines = readFileSync(this.#log.file, 'utf8').split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  }

  /** Waits until a log line contains these words. @throws Error when none does in 40 s */
  says(words: RegExp): Promise<LogLine> {
    const look = () => this.log.find((line) => words.test(JSON.stringify(line)));
    return eventually(`${this.label} to say ${String(words)}`, look, 40_000);
  }

  get isRunning(): boolean {
    return this.#process.exit === undefined;
  }

  /** How it ended, in words; undefined while it runs. */
  get ended(): string | undefined {
    const { exit } = this.#process;
    if (exit === undefined) return undefined;
    return exit.signal === null ? `exit code ${exit.code ?? '?'}` : `signal ${exit.signal}`;
  }

  /** Its process id; 0 when it could not be started. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves with its exit code when it has ended; null when a signal ended it. */
  get exit(): Promise<number | null> {
    return this.#process.exited.then(({ code }) => code);
  }

  /** Resolves with what `work` comes to. @throws ProgramEndedError when the program ends before */
  async during<T>(work: Promise<T>): Promise<T> {
    const over = this.#process.exited.then(() => {
      throw new ProgramEndedError(`${this.label} ended (${this.ended}): ${this.lastLines(5).join('\n')}`);
    });
    return Promise.race([work, over]);
  }

  /** The last lines that it wrote. */
  lastLines(count: number): readonly string[] {
    return this.output.split('\n').slice(-count);
  }

  /** Sends it a signal, and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.kill(signal);
  }

  /** Asks it to end, and ends it when it has not after the grace, in ms; resolves with its exit code, null when it was killed. */
  async stop(graceMs = 40_000): Promise<number | null> {
    this.signal('SIGTERM');
    // A process that stands still takes no signal until it goes on.
    this.signal('SIGCONT');
    using _grace = systemClock.startTimer(graceMs, () => this.signal('SIGKILL'));
    return await this.exit;
  }

  /** Ends it as the kernel does when memory is short. */
  kill(): Promise<number | null> {
    this.signal('SIGKILL');
    return this.exit;
  }

  /** Memory that the process holds now, in MiB. @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
  get residentMiB(): number {
    return this.#statusKiB('VmRSS') / 1024;
  }

  /** The most memory that it ever held, in MiB. */
  get peakMiB(): number {
    return this.#statusKiB('VmHWM') / 1024;
  }

  /** Open files and sockets. */
  get handles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** CPU time of all its threads, in ms. */
  get cpuMs(): number {
    const tasks = `/proc/${this.pid}/task`;
    const times = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
  }

  #statusKiB(field: string): number {
    const text = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#log.temporary !== undefined) rmSync(this.#log.temporary, { recursive: true, force: true });
  }
}

interface LogPlace {
  readonly file: string;
  /** A folder that goes with the program. */
  readonly temporary?: string;
}

function logPlace(file: string | undefined): LogPlace {
  if (file !== undefined) return { file };
  const temporary = mkdtempSync(path.join(tmpdir(), 'nth-program-'));
  return { file: path.join(temporary, 'log'), temporary };
}

function commandLine(name: ProgramName, options: ProgramOptions): readonly string[] {
  const { file = bundleOf(name), args = [], nodeArgs = [] } = options;
  return [...nodeArgs, file, ...args];
}

function variables(environment: Environment): Environment {
  return { PATH: process.env.PATH ?? '', JSON_LOGGING: 'true', ...environment };
}

function spawned(args: readonly string[], env: Environment, logFile: string): ProcessHandle {
  // Not a pipe: this process may have no time to read it, and a full one would hold the program up.
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  let exit: Exit | undefined;
  const end = (code: number | null, signal: string | null): void => resolve((exit ??= { code, signal }));
  child.once('exit', end);
  child.once('error', () => end(null, null));
  return {
    pid: child.pid ?? 0,
    get exit() {
      return exit;
    },
    exited,
    kill: (signal) => void child.kill(signal),
  };
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
