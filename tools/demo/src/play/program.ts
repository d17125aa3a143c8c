import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { ProgramEnvironment } from '@node-termination-handler/sandbox';

/** A built program, running as a process of its own. */
export interface Program extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
  /** How it ended; undefined while it runs. */
  readonly ended: () => string | undefined;
  /** The last lines that it wrote. */
  readonly lastLines: () => readonly string[];
  /** Asks it to end (SIGTERM), and makes it when it hasn't after that many ms. Default 10,000. */
  readonly stop: (patienceMs?: number) => Promise<void>;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly name: string;
  /** Path of the bundle. */
  readonly bundle: string;
  readonly environment: ProgramEnvironment;
  /** Where everything that it writes goes. */
  readonly logFile: string;
}

const keptLines = 20;

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
}

async function stopProcess(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await exit;
  clearTimeout(timer);
}

/** Starts a bundle with this Node, with nothing from this process' environment but the path. */
export function startProgram({ name, bundle, environment, logFile }: ProgramOptions): Program {
  const log = createWriteStream(logFile);
  const lines: string[] = [];
  let ended: string | undefined;
  const child = spawn(process.execPath, [bundle], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const keep = (chunk: Buffer): void => {
    log.write(chunk);
    lines.push(
      ...chunk
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
    lines.splice(0, lines.length - keptLines);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => (ended ??= error.message));
  child.on('exit', (code, signal) => {
    ended ??= exitReason(code, signal);
    log.end();
  });
  const stop = (patienceMs = 10_000): Promise<void> => stopProcess(child, patienceMs);
  return {
    name,
    pid: child.pid,
    ended: () => ended,
    lastLines: () => lines,
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
