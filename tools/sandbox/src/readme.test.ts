import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';

it('the README’s example runs as it stands', async () => {
  const project = path.resolve(import.meta.dirname, '..');
  const readme = await readFile(path.join(project, 'README.md'), 'utf8');
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1];
  const file = path.join(project, 'out-tsc', 'readme-example', 'example.ts');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, example ?? '');
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(pathToFileURL(file).href);
  expect(log.mock.calls).toEqual([[true, 'waiting', 1]]);
});
