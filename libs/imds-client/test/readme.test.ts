import { readFile } from 'node:fs/promises';

import { afterEach, expect, it, vi } from 'vitest';

import { startMetadataServer } from '../src/testing/metadata-server.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('shows the example that runs here', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', './readme-example.ts'].map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
  );
  const shown = /```ts\n(.*?)```/s.exec(readme!)?.[1];
  expect(shown).toBe(example!.replace('../src/index.ts', '@node-termination-handler/imds-client'));
});

it('prints what the README says', async () => {
  await using server = await startMetadataServer({
    '/latest/dynamic/instance-identity/document':
      '{"instanceId":"i-0b662ef9931388ba0","availabilityZone":"us-east-1a"}',
    '/latest/meta-data/spot/instance-action': '{"action":"terminate","time":"2026-01-02T03:04:05Z"}',
  });
  vi.stubEnv('INSTANCE_METADATA_URL', server.url);
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import('./readme-example.ts');
  expect(log.mock.calls).toEqual([
    ['this is i-0b662ef9931388ba0 in us-east-1a'],
    ['spot: {"action":"terminate","time":"2026-01-02T03:04:05Z"}'],
  ]);
});
