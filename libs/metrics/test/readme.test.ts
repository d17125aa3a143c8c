import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMetrics } from '../src/metrics.ts';
import { parseExposition } from '../src/testing/parse-exposition.ts';

const root = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

it('the example of the README runs', { timeout: 30_000 }, () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const conditions = ['-C', '@node-termination-handler/source', '--input-type=module-typescript'];
  const printed = execFileSync(process.execPath, [...conditions, '-e', example], { cwd: root, encoding: 'utf8' });
  expect(printed).toBe('true\n200 {"health":"OK"}\n');
});

it('the README names each metric with its type, and no other', async () => {
  using metrics = createMetrics();
  const families = parseExposition((await metrics.scrape()).body);
  const named = [...readme.matchAll(/^\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \|/gm)];
  expect(new Map(named.map(([, name, type]) => [name, type]))).toEqual(
    new Map([...families].map(([name, { type }]) => [name, type])),
  );
});
