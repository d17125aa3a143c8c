import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidNameError } from './errors.ts';
import { escapeFieldValue, isPathSegment, urlPath } from './outgoing.ts';

describe('a path', () => {
  it.each([
    [{ resource: 'nodes' }, '/api/v1/nodes'],
    [{ resource: 'nodes', name: 'ip-10-0-0-1.ec2.internal' }, '/api/v1/nodes/ip-10-0-0-1.ec2.internal'],
    [
      { group: 'policy', resource: 'poddisruptionbudgets', namespace: 'a' },
      '/apis/policy/v1/namespaces/a/poddisruptionbudgets',
    ],
    [{ group: 'x.io', version: 'v1beta1', resource: 'y' }, '/apis/x.io/v1beta1/y'],
    [{ resource: 'pods', namespace: 'a', name: 'b', subresource: 'eviction' }, '/api/v1/namespaces/a/pods/b/eviction'],
  ])('of %j is %s', (ref, path) => {
    expect(urlPath(ref)).toBe(path);
  });

  it.each(['', '.', '..', '../pods', 'a/b', 'a%2fb', 'a\\b', 'a\nb', 'x'.repeat(254)])(
    'never holds the name %j',
    (name) => {
      expect(() => urlPath({ resource: 'nodes', name })).toThrow(InvalidNameError);
      expect(isPathSegment(name)).toBe(false);
    },
  );

  it('keeps any name that it takes in its own segment', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (name) => {
        fc.pre(isPathSegment(name));
        const url = new URL(urlPath({ resource: 'nodes', name }, { q: name }), 'https://host');
        expect(url.pathname.split('/')).toHaveLength(5);
        expect(decodeURIComponent(url.pathname.split('/')[4]!)).toBe(name);
        expect(url.searchParams.get('q')).toBe(name);
        expect(url.hash).toBe('');
      }),
    );
  });

  it('leaves a selector one selector, whatever the value', () => {
    expect(escapeFieldValue('a=b,c\\d')).toBe('a\\=b\\,c\\\\d');
  });
});
