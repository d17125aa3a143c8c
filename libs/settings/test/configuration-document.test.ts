import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationDocument } from '../scripts/configuration-document.ts';
import { settingRows } from '../src/rows/all.ts';

const document = configurationDocument();

it('docs/configuration.md is up to date (else: node libs/settings/scripts/write-configuration.ts)', () => {
  expect(readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(document);
});

it('has a table row for every setting, with every column filled', () => {
  for (const { name } of settingRows) {
    const row = document.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    const cells = row?.split(/(?<!\\)\|/).slice(1, -1) ?? [];
    expect(cells, name).toHaveLength(5);
    for (const cell of cells) expect(cell.trim(), name).not.toBe('');
  }
});
