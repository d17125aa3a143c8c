import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { render } from './render.ts';

describe('render', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'render-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  /** A program that answers as Helm would. */
  const helmThat = async (template: string, show = 'exit 0') => {
    const file = join(folder, 'helm');
    await writeFile(file, `#!/bin/sh\nif [ "$1" = show ]; then ${show}; fi\n${template}\n`);
    await chmod(file, 0o755);
    return file;
  };

  it('counts the objects that Helm makes', async () => {
    const helm = await helmThat("printf 'kind: A\\n---\\nkind: B\\n'");
    const { outcome } = await render('imds-agent', 'values.yaml', { charts: '/charts', helm });
    expect(outcome).toEqual({ kind: 'rendered', objects: 2 });
  });

  it('tells why Helm refuses a file', async () => {
    const helm = await helmThat("echo 'Error: no' >&2; echo 'why' >&2; exit 1");
    const { outcome } = await render('imds-agent', 'values.yaml', { charts: '/charts', helm });
    expect(outcome).toEqual({ kind: 'refused', why: 'Error: no; why' });
  });

  it('says that it tried nothing without the chart, or without Helm', async () => {
    const helm = await helmThat('exit 0', "echo 'not found' >&2; exit 1");
    const without = await render('queue-processor', 'values.yaml', { charts: 'oci://charts/', helm });
    expect(without.outcome).toEqual({
      kind: 'not-tried',
      why: 'the chart is not to be had from oci://charts/queue-processor: not found',
    });
    const missing = await render('imds-agent', 'values.yaml', { charts: '/charts', helm: join(folder, 'none') });
    expect(missing.outcome).toEqual({ kind: 'not-tried', why: 'there is no helm here.' });
  });
});
