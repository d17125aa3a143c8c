import { describe, expect, it } from 'vitest';
import { CommandError, mustRun, run } from './command.ts';

const node = (script: string, options = {}) => run(process.execPath, ['-e', script], options);

describe('run', () => {
  it('keeps what a program wrote, each stream and both, and how it ended', async () => {
    const result = await node('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(result).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(result.output.split('\n').sort()).toEqual(['err', 'out']);
  });

  it('gives it its input and environment, and tells what it writes', async () => {
    const heard: string[] = [];
    const script = 'process.stdin.pipe(process.stdout); process.stdin.on("end", () => console.log(process.env.A))';
    const onOutput = (text: string) => void heard.push(text);
    const { output } = await node(script, { input: 'in ', env: { A: 'a' }, onOutput });
    expect(output).toBe('in a');
    expect(heard.join('')).toBe('in a\n');
  });

  it('is no worse for a program that does not read', async () => {
    expect(await node('process.exit(0)', { input: 'x'.repeat(1_000_000) })).toMatchObject({ code: 0 });
  });

  it('says which program cannot be started', async () => {
    await expect(run('no-such-program', [])).rejects.toThrow('no-such-program cannot be started');
  });
});

describe('mustRun', () => {
  it('answers with the standard output, or fails with the command and all that it wrote', async () => {
    expect(await mustRun(process.execPath, ['-p', '1 + 1'])).toBe('2\n');
    const failing = mustRun(process.execPath, ['-e', 'console.error("why"); process.exit(2)']);
    await expect(failing).rejects.toThrow(CommandError);
    await expect(failing).rejects.toThrow(/-e .* ended with 2\nwhy/);
  });
});
