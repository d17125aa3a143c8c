import { describe, expect, it } from 'vitest';
import { repositoryFiles } from '../workspace.ts';
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
});
