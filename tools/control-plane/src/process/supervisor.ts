import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SupervisorReport, SupervisorRequest } from './messages.ts';
import { createSupervisedProcess } from './supervised-process.ts';
import type { ProcessState, SupervisedProcess } from './supervised-process.ts';

/** A program that could not be started, or ended when it should not have. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
}

/** One program to start. */
export interface ProcessOptions {
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
  const child = fork(main, [], { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const states = new Map<number, ProcessState>();
  let lastId = 0;
  let closing: Promise<void> | undefined;

  child.on('message', (report: SupervisorReport) => {
    const state = states.get(report.id);
    if (report.kind === 'started') state?.started(report.pid);
    else if (report.kind === 'not-started') state?.failed(new ProcessError(`${state.name}: ${report.message}`));
    else state?.exited({ code: report.code, signal: report.signal });
  });
  child.once('exit', () => {
    // The supervisor itself was killed: what it can't end any more is ended here.
    for (const state of states.values()) state.orphaned();
  });

  const send = (request: SupervisorRequest) => child.send(request);
  const close = () => (closing ??= closeProcess(child));
  return {
    async start(options) {
      const id = ++lastId;
      const supervised = createSupervisedProcess(options);
      states.set(id, supervised.state);
      const { command, args = [], logFile, cwd } = options;
      send({ kind: 'start', id, command, args, env: definedOnly(options.env ?? process.env), logFile, cwd });
      return supervised.whenStarted;
    },
    removeAtEnd: (path) => void send({ kind: 'remove-at-end', path }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closeProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(entries);
}
