import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSupervisor } from '@node-termination-handler/control-plane';
import { describe, expect, it, vi } from 'vitest';
import { freePort, Program, ProgramEndedError } from './program.ts';
import type { ProgramOptions } from './program.ts';

const endless = 'setInterval(() => {}, 1000);';
const asScript = (script: string): ProgramOptions => ({ nodeArgs: ['--eval', script, '--'] });
/** A process that runs a script in place of the bundle. */
const scripted = (script: string, environment: Readonly<Record<string, string>> = {}, options: ProgramOptions = {}) =>
  Program.start('imds-agent', environment, { ...asScript(script), ...options });

describe('a program', () => {
  it('is known by what it wrote, line by line, and by how it ended', async () => {
    const line = JSON.stringify({ level: 'info', message: 'hello' });
    await using program = scripted(`console.log(process.env.LINE); console.error('not JSON'); process.exitCode = 3`, {
      LINE: line,
    });
    expect(await program.exit).toBe(3);
    expect(program.log).toEqual([{ level: 'info', message: 'hello' }]);
    expect(program.output).toBe(`${line}\nnot JSON`);
    expect(program.lastLines(1)).toEqual(['not JSON']);
    expect(program.isRunning).toBe(false);
    expect(program.ended).toBe('exit code 3');
    expect(await program.says(/hel+o/)).toMatchObject({ level: 'info' });
  });

  it('has no variables but those that it is given', async () => {
    vi.stubEnv('NTH_TEST_SECRET', 'leaked');
    await using program = scripted('console.log(JSON.stringify(Object.keys(process.env).sort()))');
    await program.exit;
    expect(JSON.parse(program.output)).toEqual(['JSON_LOGGING', 'PATH']);
    vi.unstubAllEnvs();
  });

  it('is asked to end, and ends by itself', async () => {
    await using program = scripted(`process.on('SIGTERM', () => process.exit(0)); ${endless} console.log('ready')`);
    await vi.waitFor(() => expect(program.output).toBe('ready'), 10_000);
    expect(program.pid).toBeGreaterThan(0);
    expect(program.ended).toBeUndefined();
    expect(await program.stop()).toBe(0);
    expect(await program.stop()).toBe(0);
  });

  it('is ended when it does not end', async () => {
    await using program = scripted(`process.on('SIGTERM', () => {}); ${endless} console.log('ready')`);
    await vi.waitFor(() => expect(program.output).toBe('ready'), 10_000);
    expect(await program.stop(50)).toBeNull();
    expect(program.ended).toBe('signal SIGKILL');
  });

  it('is measured by what the kernel knows of it', async () => {
    await using program = scripted(endless);
    await vi.waitFor(() => expect(program.cpuMs).toBeGreaterThan(0), 10_000);
    const { residentMiB } = program;
    expect(program.peakMiB).toBeGreaterThanOrEqual(residentMiB);
    expect(program.handles).toBeGreaterThan(2);
  });

  it('ends what waits for it, with its last words', async () => {
    await using program = scripted(`console.error('no such setting'); process.exitCode = 1`);
    const work = program.during(new Promise(() => undefined));
    await expect(work).rejects.toThrow(ProgramEndedError);
    await expect(work).rejects.toThrow('imds-agent ended (exit code 1): no such setting');
    expect(await program.during(Promise.resolve('done'))).toBe('done');
  });

  it('leaves its log where it is told to, and nothing else', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'nth-program-test-'));
    const logFile = path.join(folder, 'log');
    const program = scripted(`console.log('up'); ${endless}`, {}, { logFile });
    await vi.waitFor(() => expect(program.output).toBe('up'), 10_000);
    await program[Symbol.asyncDispose]();
    expect(program.isRunning).toBe(false);
    expect(await readFile(logFile, 'utf8')).toBe('up\n');
    await rm(folder, { recursive: true });
  });

  it('is the same under a supervisor', async () => {
    await using supervisor = createSupervisor();
    const script = asScript(`process.on('SIGTERM', () => process.exit(4)); ${endless} console.log(process.env.A)`);
    await using program = await Program.supervised(supervisor, 'queue-processor', { A: 'b' }, script);
    await vi.waitFor(() => expect(program.output).toBe('b'), 10_000);
    expect(await program.stop()).toBe(4);
    expect(program.ended).toBe('exit code 4');
  });
});

describe('a free port', () => {
  it('can be listened on', async () => {
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
