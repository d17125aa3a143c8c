import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { readProxies } from '../src/connections/aws/proxies.ts';

const goldenFile = path.join(import.meta.dirname, 'golden.json');

const groups = JSON.parse(readFileSync(goldenFile, 'utf8')) as readonly {
  readonly group: string;
  readonly cases: readonly {
    readonly why?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly urls: readonly string[];
    /** Of each URL; empty where it is called directly. */
    readonly proxies: readonly string[];
  }[];
}[];

/** The way of each URL under an environment, from its variables to the proxy. */
function waysUnder(env: Readonly<Record<string, string>>, urls: readonly string[]): readonly string[] {
  const loaded = loadQueueProcessorSettings({ argv: ['--queue-url=https://sqs.eu-west-1.amazonaws.com/1/q'], env });
  if (!loaded.ok || loaded.mode !== 'run') throw new Error('these settings are refused');
  const proxyFor = readProxies(loaded.settings);
  return urls.map((url) => proxyFor(new URL(url))?.href ?? '');
}

const count = groups.flatMap(({ cases }) => cases.flatMap(({ urls }) => urls)).length;

describe(`the golden table of the ways of ${count} URLs`, () => {
  it('is as long as it was', () => {
    expect(count).toBe(707);
  });

  describe.each(groups)('$group: as Go goes (A8)', ({ cases }) => {
    it.each(cases.map(({ why, env, ...rest }) => ({ name: why ?? env.NO_PROXY, env, ...rest })))(
      '$name',
      ({ env, urls, proxies }) => {
        const table = (ways: readonly string[]) => urls.map((url, index) => `${url} → ${ways[index]}`);
        expect(table(waysUnder(env, urls))).toEqual(
          table(proxies.map((proxy) => (proxy === '' ? '' : new URL(proxy).href))),
        );
      },
    );
  });
});

const run = promisify(execFile);
const hasGo = await run('go', ['version']).then(
  () => true,
  () => false,
);

describe.runIf(hasGo)('Go', () => {
  it('still writes this very table', { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'proxies-'));
    try {
      const written = path.join(folder, 'golden.json');
      await run('go', ['run', '.', '../cases', written], { cwd: path.join(import.meta.dirname, 'golden') });
      expect(await readFile(written, 'utf8')).toBe(await readFile(goldenFile, 'utf8'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
