import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';

/** A process that runs a script in place of the bundle. */
function scripted(script: string, environment: Readonly<Record<string, string>> = {}): Program {
  return new Program('imds-agent', environment, { nodeArgs: ['--eval', script, '--'] });
}

describe('a program', () => {
  it('is known by what it wrote, line by line, and by its exit code', async () => {
    const line = JSON.stringify({ level: 'info', message: 'hello' });
    await using program = scripted(`console.log(process.env.LINE); console.error('not JSON'); process.exitCode = 3`, {
      LINE: line,
    });
    expect(await program.exit).toBe(3);
    expect(program.log).toEqual([{ level: 'info', message: 'hello' }]);
    expect(program.output).toContain('not JSON');
    expect(program.isRunning).toBe(false);
  });

  it('has no variables but those that it is given', async () => {
    vi.stubEnv('NTH_TEST_SECRET', 'leaked');
    await using program = scripted('console.log(JSON.stringify(Object.keys(process.env).sort()))');
    await program.exit;
    expect(JSON.parse(program.output)).toEqual(['JSON_LOGGING', 'PATH']);
    vi.unstubAllEnvs();
  });

  it('is asked to end, and ends by itself', async () => {
    await using program = scripted(
      `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('ready')`,
    );
    await vi.waitFor(() => expect(program.output).toBe('ready'), 10_000);
    expect(program.pid).toBeGreaterThan(0);
    expect(await program.stop()).toBe(0);
  });

  it('does not outlive its test', async () => {
    const program = scripted('setInterval(() => {}, 1000)');
    await program[Symbol.asyncDispose]();
    expect(program.isRunning).toBe(false);
  });
});

describe('a free port', () => {
  it('can be listened on', async () => {
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
