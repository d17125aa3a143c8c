import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the example of the README runs', { timeout: 30_000 }, () => {
  const root = new URL('..', import.meta.url);
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const conditions = ['-C', '@node-termination-handler/source', '--input-type=module-typescript'];
  const printed = execFileSync(process.execPath, [...conditions, '-e', example], { cwd: root, encoding: 'utf8' });
  expect(printed).toContain('https://sqs.eu-central-1.amazonaws.com/123456789012/queue 20 true');
  expect(printed).toContain('workers: 20');
});
