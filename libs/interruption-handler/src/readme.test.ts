import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = await mkdtemp(path.join(import.meta.dirname, '../readme-example-'));
afterAll(() => rm(folder, { recursive: true }));

it('has a README whose example runs', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const file = path.join(folder, 'example.ts');
  await writeFile(file, example);
  const { onMessage } = (await import(file)) as { onMessage: (body: string) => Promise<string> };
  expect(await onMessage('{"source":"aws.s3","detail-type":"Object Created","detail":{},"id":"1"}')).toBe('done');
});
