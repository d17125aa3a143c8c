// The program that all others are started through. It lives in a session of its own, so that neither Ctrl-C nor a SIGKILL of its parent
// reaches it; when the channel to the parent closes, for whatever reason, it ends what it started, removes what it was told to, and exits.
import { systemClock } from '@node-termination-handler/clock';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import type { SupervisorReport, SupervisorRequest } from './supervisor.ts';

const graceMs = 3000;
const children = new Set<ChildProcess>();
const removeAtEnd = new Set<string>();
let ending = false;

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message);
}

function start({ id, options }: Extract<SupervisorRequest, { kind: 'start' }>): void {
  const { command, args = [], env, cwd } = options;
  const log = openSync(options.logFile, 'a');
  const child = spawn(command, [...args], { env: { ...env }, cwd, stdio: ['ignore', log, log] });
  closeSync(log);
  children.add(child);
  child.once('spawn', () => report({ kind: 'started', id, pid: child.pid ?? 0 }));
  child.once('error', (error) => {
    if (child.pid !== undefined) return;
    children.delete(child);
    report({ kind: 'not-started', id, message: error.message });
  });
  child.once('exit', (code, signal) => {
    children.delete(child);
    report({ kind: 'exited', id, exit: { code, signal } });
    if (ending) exitWhenEmpty();
  });
}

function end(): void {
  if (ending) return;
  ending = true;
  for (const child of children) {
    child.kill('SIGTERM');
    // A stopped process takes no SIGTERM until it goes on.
    child.kill('SIGCONT');
  }
  systemClock.startTimer(graceMs, () => {
    for (const child of children) child.kill('SIGKILL');
  });
  exitWhenEmpty();
}

function exitWhenEmpty(): void {
  if (children.size > 0) return;
  for (const path of removeAtEnd) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

process.on('message', (request: SupervisorRequest) => {
  if (request.kind === 'start') start(request);
  else removeAtEnd.add(request.path);
});
for (const event of ['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(event, end);
