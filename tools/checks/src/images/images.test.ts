import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { componentsOf } from './contents.ts';
import { brokenRules, dockerfiles, entrypointFlags } from './dockerfile.ts';

describe.each(dockerfiles)('%s', (file) => {
  it('keeps the rules', async () => {
    expect(brokenRules(await readFile(file, 'utf8'))).toEqual([]);
  });
});

describe('brokenRules', () => {
  it('finds a shell, root, and what is run or fetched', () => {
    const broken = brokenRules('FROM a\nFROM b\nUSER root\nRUN apt-get\nADD https://x /\nENTRYPOINT node main.cjs\n');
    expect(broken).toHaveLength(11);
  });
});

describe('entrypointFlags', () => {
  it('are those between Node.js and the bundle', async () => {
    expect(await entrypointFlags(dockerfiles[0]!)).toEqual([
      '--max-semi-space-size=1',
      '--v8-pool-size=1',
      '--no-opt',
      '--no-sparkplug',
      '--no-maglev',
    ]);
  });
});

describe('componentsOf', () => {
  it('finds packages with their scope, those inside others too, each once', () => {
    const inner = { group: '@a', name: 'b', version: '1.0.0' };
    const bill = { bomFormat: 'CycloneDX', components: [{ name: 'c', version: '2.0.0', components: [inner] }, inner] };
    expect(componentsOf(JSON.stringify(bill))).toEqual([
      { name: '@a/b', version: '1.0.0' },
      { name: 'c', version: '2.0.0' },
    ]);
  });

  it('refuses what is no bill of materials', () => {
    expect(() => componentsOf('{}')).toThrow('no bill of materials');
  });
});
