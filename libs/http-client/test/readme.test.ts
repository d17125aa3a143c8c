import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);

it('the example of the README runs', { timeout: 30_000 }, () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const conditions = ['-C', '@node-termination-handler/source', '--input-type=module-typescript'];
  const printed = execFileSync(process.execPath, [...conditions, '-e', example], { cwd: root, encoding: 'utf8' });
  expect(printed).toBe('200 hello\nno end of the answer within 200 ms\n');
});
