import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
    run([...args, '--no-render'], {
      stdin: Readable.from([stdin]),
      out: (text) => (out += text),
      error: (text) => (error += text),
    });
  const written = async (chart: string) => readFile(join(folder, 'new', `${chart}.values.yaml`), 'utf8');

  it('writes both files, and says what changed', async () => {
    const file = join(folder, 'old.yaml');
    await writeFile(file, 'managedAsgTag: a\nenableSqsTerminationDraining: true\n');
    expect(await start([file, '--out', join(folder, 'new')])).toBe(0);
    expect(await written('queue-processor')).toBe(
      '# Values for the queue-processor chart: does what the Go handler did.\n# queueURL is needed: the URL of the SQS queue.\nmanagedTag: a\n',
    );
    expect(await written('imds-agent')).toContain('only if you want it beside queue-processor.\n{}\n');
    expect(out).toContain('| `managedAsgTag` | renamed | It is called `managedTag`. |');
    expect(out).toContain('"sqs:ChangeMessageVisibility"');
    expect(error).toContain('wrote ');
  });

  it('reads the standard input, and values under a key', async () => {
    const yaml = 'nth:\n  dryRun: true\n';
    expect(await start(['-', '--key', 'nth', '--out', join(folder, 'new')], yaml)).toBe(0);
    expect(await written('imds-agent')).toContain('dryRun: true\n');
    expect(out).toContain('| `dryRun` | kept |');
    expect(error).toContain('read the key nth\n');
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

  it('has Helm render the outcome, and fails when it refuses', async () => {
    const helm = join(folder, 'helm');
    await writeFile(helm, '#!/bin/sh\nif [ "$1" = show ]; then exit 0; fi\necho "no such value" >&2; exit 1\n');
    await chmod(helm, 0o755);
    const args = ['-', '--out', join(folder, 'new'), '--helm', helm, '--charts', folder];
    const terminal = {
      stdin: Readable.from(['dryRun: true']),
      out: (text: string) => (out += text),
      error: (text: string) => (error += text),
    };
    expect(await run(args, terminal)).toBe(1);
    expect(out).toContain('imds-agent: **Helm refuses its file**: no such value');
  });

  it('reads a Terraform file, and names what is not in it', async () => {
    const file = join(folder, 'nth.tf');
    await writeFile(
      file,
      'resource "helm_release" "nth" {\n  values = [file("a.yaml")]\n  set {\n    name = "dryRun"\n    value = true\n  }\n}\n',
    );
    expect(await start([file, '--out', join(folder, 'new')])).toBe(0);
    expect(error).toContain('not in this file, migrate it too: values ${file("a.yaml")}');
    expect(await written('imds-agent')).toContain('dryRun: true\n');
  });

  it('keeps the service account of the old release when it is told to', async () => {
    expect(await start(['-', '--out', join(folder, 'new'), '--keep-service-account'])).toBe(0);
    expect(await written('imds-agent')).toContain('create: false\n  name: aws-node-termination-handler\n');
  });

  it('says what is wrong with a file', async () => {
    expect(await start(['-', '--key', 'a', '--out', folder], 'b: 1')).toBe(1);
    expect(error).toContain('no values under "a"');
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
