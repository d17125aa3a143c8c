import { describe, expect, it } from 'vitest';
import { runnableBlocks } from './checks/shell-blocks.ts';
import { findingLines } from '../packages/report/finding.ts';
import { markdownFiles } from './markdown-files.ts';

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

describe('a finding', () => {
  it('is a mark, what it is about, and what is wrong', () => {
    expect(findingLines([{ about: 'links', problems: [] }])).toBe('✓ links');
    expect(findingLines([{ about: 'links', problems: ['a', 'b'] }])).toBe('✗ links\n    a\n    b');
    expect(findingLines([{ about: 'lint', problems: [], skipped: 'no Python' }])).toBe('– lint: skipped, no Python');
  });
});

describe('the documentation', () => {
  it('is every Markdown file of the repository', async () => {
    const files = await markdownFiles();
    expect(files).toContain('README.md');
    expect(files).toContain('docs/security.md');
    expect(files.every((file) => !file.includes('node_modules'))).toBe(true);
  });
});
