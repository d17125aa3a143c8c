import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS_PAGE, pageWithMetrics } from '../scripts/metrics-table.ts';

const root = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

it('the example of the README runs', { timeout: 30_000 }, () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const conditions = ['-C', '@node-termination-handler/source', '--input-type=module-typescript'];
  const printed = execFileSync(process.execPath, [...conditions, '-e', example], { cwd: root, encoding: 'utf8' });
  expect(printed).toBe('true\n200 {"health":"OK"}\n');
});

it('the table of metrics is what the program exposes', () => {
  const page = readFileSync(METRICS_PAGE, 'utf8');
  expect(pageWithMetrics(page)).toBe(page);
});
