import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkPath } from './client.ts';

describe('checkPath', () => {
  it.each([
    '/latest/meta-data/spot/instance-action',
    '/latest/meta-data/',
    '/latest/dynamic/instance-identity/document',
    '/latest/meta-data/iam/security-credentials/role+name=a,b@c',
    '/a/..b/c.',
  ])('takes %s', (path) => {
    expect(() => checkPath(path)).not.toThrow();
  });

  it.each([
    '',
    '/',
    'latest',
    '//evil.example/x',
    '/a//b',
    '/a/../b',
    '/a/..',
    '/./a',
    '/a?b',
    '/a#b',
    '/a%2e%2e',
    '/a b',
    '/a\r\nX: y',
    '/a\n',
    'http://evil.example/',
    `/${'a'.repeat(512)}`,
  ])('refuses %j', (path) => {
    expect(() => checkPath(path)).toThrow(TypeError);
  });

  it('takes nothing that a URL would read differently', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\/[\w./%?#@:\\ \r\n-]{0,30}$/), (path) => {
        let taken = true;
        try {
          checkPath(path);
        } catch {
          taken = false;
        }
        if (taken) expect(new URL(path, 'http://169.254.169.254').href).toBe(`http://169.254.169.254${path}`);
      }),
      { numRuns: 500 },
    );
  });

  it('is quick with a hostile path', () => {
    expect(() => checkPath('/a'.repeat(200_000) + '!')).toThrow(TypeError);
    expect(() => checkPath(`/${'.'.repeat(510)}!`)).toThrow(TypeError);
  });
});
