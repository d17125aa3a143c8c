import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WEBHOOK_DEFAULTS } from '../src/options.ts';
import { templateDocs } from '../src/testing/template-docs.ts';

const library = join(import.meta.dirname, '..');
const readme = readFileSync(join(library, 'README.md'), 'utf8');

it('docs/webhook-templates.md says what the engine knows', () => {
  expect(readFileSync(join(library, '../../docs/webhook-templates.md'), 'utf8')).toBe(templateDocs());
});

it("the README's example runs and prints what it says", () => {
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const expected = /```text\n(.*?)```/s.exec(readme)?.[1];
  // Within the library, so that its name leads to itself.
  mkdirSync(join(library, 'out-tsc'), { recursive: true });
  const folder = mkdtempSync(join(library, 'out-tsc/readme-'));
  try {
    const file = join(folder, 'example.ts');
    writeFileSync(file, example);
    const output = execFileSync(process.execPath, ['-C', '@node-termination-handler/source', file], {
      encoding: 'utf8',
    });
    expect(output).toBe(expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

it.each(Object.entries(WEBHOOK_DEFAULTS))('the README names the default of %s', (name, value) => {
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``));
  expect(row).toContain(typeof value === 'number' ? String(value) : 'Content-type: application/json');
});
