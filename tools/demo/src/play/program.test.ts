import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'nth-demo-test-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function start(source: string, environment: Record<string, string> = {}): Promise<Program> {
  const bundle = path.join(directory, 'main.cjs');
  await writeFile(bundle, source);
  return startProgram({ name: 'test', bundle, environment, logFile: path.join(directory, 'test.log') });
}

describe('a program', () => {
  it('gets its own environment and nothing else', async () => {
    vi.stubEnv('NTH_SECRET_OF_THE_SHELL', 'x');
    await using program = await start('console.log(Object.keys(process.env).sort().join())', { NODE_NAME: 'a' });
    await vi.waitUntil(() => program.ended() !== undefined, { timeout: 10_000 });
    vi.unstubAllEnvs();
    expect(program.ended()).toBe('exit code 0');
    expect(program.lastLines()).toEqual(['NODE_NAME,PATH']);
    await vi.waitUntil(async () => (await readFile(path.join(directory, 'test.log'), 'utf8')) === 'NODE_NAME,PATH\n');
  });

  it('is asked to end, and can take its leave', async () => {
    const program = await start(
      `process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')`,
    );
    await vi.waitUntil(() => program.lastLines().length > 0, { timeout: 10_000 });
    await program.stop();
    expect(program.ended()).toBe('exit code 3');
    await program.stop();
  });

  it('is ended when it does not end', async () => {
    const program = await start(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`);
    await vi.waitUntil(() => program.lastLines().length > 0, { timeout: 10_000 });
    await program.stop(50);
    expect(program.ended()).toBe('signal SIGKILL');
  });

  it('tells how it failed', async () => {
    await using program = await start(`console.error('no such setting'); process.exitCode = 1`);
    await vi.waitUntil(() => program.ended() !== undefined, { timeout: 10_000 });
    expect([program.ended(), program.lastLines()]).toEqual(['exit code 1', ['no such setting']]);
  });
});
