import { describe, expect, it } from 'vitest';
import { publishedPackages } from '../workspace.ts';
import { readmeExample } from './fresh-project.ts';
import { isExpected } from './tarball.ts';
describe('the published packages', () => {
  it('are those that are not private', async () => {
    const names = (await publishedPackages()).map(({ name }) => name);
    expect(names).toContain('node-drainer');
    expect(names).toContain('nth-migrate');
    expect(names).not.toContain('program');
    expect(names).not.toContain('sandbox');
  });

  it('have a README with an example', async () => {
    expect(await readmeExample('event-parsers')).toContain("from '@node-termination-handler/event-parsers'");
    await expect(readmeExample('program')).rejects.toThrow();
  });
});

describe('a file in a package', () => {
  it.each([
    ['dist/drain/decide.js', true],
    ['dist/drain/decide.d.ts.map', true],
    ['README.md', true],
    ['dist/tsconfig.build.tsbuildinfo', false],
    ['dist/drain/decide.test.js', false],
    ['dist/testing/api-server.js', false],
    ['src/index.ts', false],
  ])('%s is expected: %s', (file, expected) => {
    expect(isExpected(file)).toBe(expected);
  });
});
