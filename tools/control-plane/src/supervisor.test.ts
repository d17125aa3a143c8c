import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSupervisor, ProcessError } from './supervisor.ts';
import type { Supervisor } from './supervisor.ts';
import { waitFor } from './wait.ts';

const sleeper = ['-e', 'console.log("up"); setInterval(() => undefined, 1000)'];
const deaf = ['-e', 'process.on("SIGTERM", () => console.log("no")); console.log("up"); setInterval(() => 0, 1000)'];

describe('a supervisor', () => {
  let folder: string;
  let supervisor: Supervisor;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
    supervisor = createSupervisor();
  });
  afterEach(async () => {
    await supervisor.close();
    await rm(folder, { recursive: true, force: true });
  });
  const start = async (args: readonly string[], env?: Record<string, string>) =>
    supervisor.start({
      name: 'program',
      command: process.execPath,
      args,
      logFile: join(folder, 'log'),
      ...(env && { env }),
    });

  it('starts a program with the environment it is given, and reports its end and its output', async () => {
    const program = await start(['-e', 'console.log(process.env.A); process.exit(3)'], { A: 'b' });
    expect(await program.exited).toEqual({ code: 3, signal: null });
    expect(program.exit).toEqual({ code: 3, signal: null });
    expect(await program.log()).toBe('b\n');
  });

  it('says by name what could not be started', async () => {
    const starting = supervisor.start({ name: 'nothing', command: '/no/such/program', logFile: join(folder, 'log') });
    await expect(starting).rejects.toThrow(ProcessError);
    await expect(starting).rejects.toThrow(/nothing: .*ENOENT/);
  });

  it('stops a program, with SIGKILL when it does not listen', async () => {
    const program = await start(deaf);
    await waitFor(async () => (await program.log()).includes('up') || undefined, { what: 'output' });
    expect(await program.stop(10)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await (await start(sleeper)).stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('ends a paused program too when it closes', async () => {
    const program = await start(sleeper);
    program.kill('SIGSTOP');
    supervisor.removeAtEnd(folder);
    await supervisor.close();
    expect(isAlive(program.pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'leaves nothing behind when its user ends by %s',
    async (signal) => {
      const main = fileURLToPath(new URL('./testing/supervised-parent.ts', import.meta.url));
      const parent = spawn(process.execPath, ['-C', '@node-termination-handler/source', main], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { value } = await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next();
      const { pid, directory } = JSON.parse(String(value)) as { pid: number; directory: string };
      expect(isAlive(pid)).toBe(true);
      parent.kill(signal);
      await waitFor(async () => Promise.resolve(!isAlive(pid) && !existsSync(directory) ? true : undefined), {
        what: 'everything to be gone',
        timeoutMs: 10_000,
      });
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
