import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';

describe('nth-migrate', () => {
  let folder: string;
  let out: string;
  let error: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrate-'));
    out = error = '';
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const start = async (args: readonly string[], stdin = '') =>
    run(args, { stdin: Readable.from([stdin]), out: (text) => (out += text), error: (text) => (error += text) });
  const written = async (chart: string) => readFile(join(folder, 'new', `${chart}.values.yaml`), 'utf8');

  it('writes both files, and says what changed', async () => {
    const file = join(folder, 'old.yaml');
    await writeFile(file, 'managedAsgTag: a\nenableSqsTerminationDraining: true\n');
    expect(await start([file, '--out', join(folder, 'new')])).toBe(0);
    expect(await written('queue-processor')).toBe(
      '# Values for the queue-processor chart: does what the Go handler did.\n# queueURL is needed: the URL of the SQS queue.\nmanagedTag: a\n',
    );
    expect(await written('imds-agent')).toContain('only if you want it beside queue-processor.\n{}\n');
    expect(out).toContain('`managedAsgTag`: It is called `managedTag` now.');
    expect(error).toContain('wrote ');
  });

  it('reads the standard input, and values under a key', async () => {
    const yaml = 'nth:\n  dryRun: true\n';
    expect(await start(['-', '--key', 'nth', '--out', join(folder, 'new')], yaml)).toBe(0);
    expect(await written('imds-agent')).toContain('dryRun: true\n');
    expect(out).toContain('Every value goes over as it is.');
  });

  it('writes over nothing unless it is told to', async () => {
    const args = ['-', '--out', join(folder, 'new')];
    expect(await start(args, 'dryRun: true')).toBe(0);
    expect(await start(args, 'dryRun: false')).toBe(1);
    expect(error).toContain('--force');
    expect(await written('imds-agent')).toContain('dryRun: true');
    expect(await start([...args, '--force'], 'dryRun: false')).toBe(0);
    expect(await written('imds-agent')).toContain('dryRun: false');
  });

  it.each([
    ['no YAML', 'a: [', 'this is no YAML'],
    ['a list', '- a', 'names and values at its top'],
    ['a missing key', 'b: 1', 'no values under "a"'],
  ])('says what is wrong with %s', async (_, yaml, message) => {
    expect(await start(['-', '--key', 'a', '--out', folder], yaml)).toBe(1);
    expect(error).toContain(message);
  });

  it('takes an empty file for all defaults', async () => {
    expect(await start(['-', '--out', join(folder, 'new')])).toBe(0);
  });

  it('explains itself', async () => {
    expect(await start(['--help'])).toBe(0);
    expect(out).toContain('Usage: nth-migrate');
    expect(await start([])).toBe(2);
    expect(await start(['a', 'b'])).toBe(2);
    expect(await start(['--nonsense'])).toBe(2);
    expect(await start([join(folder, 'missing.yaml')])).toBe(1);
    expect(error).toContain('ENOENT');
  });
});
