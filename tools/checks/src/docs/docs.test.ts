import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryFiles, root } from '../workspace.ts';
import { runnableBlocks } from './docs.ts';
describe('a shell block', () => {
  it('is run when it says that it can be', () => {
    const markdown = [
      '```sh',
      'helm install',
      '```',
      '',
      '```sh runnable',
      'npm test',
      '```',
      '',
      '```ts',
      'x',
      '```',
    ].join('\n');
    expect(runnableBlocks('a.md', markdown)).toEqual([{ file: 'a.md', line: 5, commands: 'npm test' }]);
  });
});

describe('the documentation', () => {
  it('is every Markdown file of the repository', async () => {
    const files = await repositoryFiles('*.md');
    expect(files).toContain('README.md');
    expect(files).toContain('docs/security.md');
    expect(files.every((file) => !file.includes('node_modules'))).toBe(true);
  });

  it('names only files and folders that are there, or are built', async () => {
    const files = await repositoryFiles();
    const there = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
    const isThere = (name: string) =>
      there.has(name) || (/[*{]/.test(name) && [...there].some((file) => path.matchesGlob(file, name)));
    const astray: string[] = [];
    for (const file of files.filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')) {
      const text = await readFile(path.join(root, file), 'utf8');
      const names = [...text.matchAll(/`((?:libs|apps|tools|docs|\.ci|\.github)\/[^\s`<>…:]+?)\/?(?::\d+)?`/g)];
      const wrong = names.filter(([, name = '']) => !/(^|\/)dist(\/|$)/.test(name) && !isThere(name));
      astray.push(...wrong.map(([, name]) => `${file} names ${name}`));
    }
    expect(astray).toEqual([]);
  });
});

it('docs/testing.md names tests that are there beside the reports from the field, and beside what was broken on purpose', async () => {
  const markdown = await readFile(path.join(root, 'docs/testing.md'), 'utf8');
  const section = /^## Reports from the field$(.*?)^## /ms.exec(markdown)?.[1] ?? '';
  const reports = section.split('\n').filter((line) => /^\| [A-Z]\d+ \|/.test(line));
  expect(reports.length).toBeGreaterThan(5);
  for (const row of reports) expect(row).toMatch(namedTest);
  await expectTestsOf(markdown);
});

it('docs/auto-scaling.md names a test beside each thing that a group does', async () => {
  const markdown = await readFile(path.join(root, 'docs/auto-scaling.md'), 'utf8');
  const section = /^## What the programs do$(.*?)^## /ms.exec(markdown)?.[1] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) expect(row).toMatch(namedTest);
  await expectTestsOf(markdown);
});

/** A test that a page names: its file, and its name in it. */
const namedTest = /`([^`]+\.ts)`: \*([^*]+)\*/g;

async function expectTestsOf(markdown: string): Promise<void> {
  for (const [, file = '', name = ''] of markdown.matchAll(namedTest)) {
    expect(await readFile(path.join(root, file), 'utf8'), `${file}: ${name}`).toContain(name);
  }
}

function foldersOf(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
