import { readFile } from 'node:fs/promises';

import { expect, it, vi } from 'vitest';

it('shows the example that runs here', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  const shown = /```ts\n(.*?)```/s.exec(readme!)?.[1];
  expect(shown).toBe(example!.replace('../src/index.ts', '@node-termination-handler/event-parsers'));
});

it('prints what the README says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('./readme-example.ts');
  expect(log.mock.calls).toEqual([
    ['SPOT_ITN', 'i-0b662ef9931388ba0', '2026-01-02T03:06:05.000Z'],
    ['spot-itn-event-1e5527d7-bb36-4607-3370-4164db56a40e'],
  ]);
  log.mockRestore();
});
