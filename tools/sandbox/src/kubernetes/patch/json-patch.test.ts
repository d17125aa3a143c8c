import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../status.ts';
import { applyJsonPatch } from './json-patch.ts';

const document = {
  spec: { taints: [{ key: 'a' }, { key: 'b' }], unschedulable: true },
  metadata: { labels: { 'x/y': '1', 'a~b': '2' } },
};

function codeOf(act: () => unknown): number | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof ApiError ? error.status.code : -1;
  }
}

describe('a JSON patch', () => {
  it.each([
    [[{ op: 'add', path: '/spec/taints/-', value: { key: 'c' } }], ['a', 'b', 'c']],
    [[{ op: 'add', path: '/spec/taints/0', value: { key: 'c' } }], ['c', 'a', 'b']],
    [[{ op: 'add', path: '/spec/taints/-1', value: { key: 'c' } }], ['a', 'b', 'c']],
    [[{ op: 'remove', path: '/spec/taints/0' }], ['b']],
    [[{ op: 'remove', path: '/spec/taints/-1' }], ['a']],
    [[{ op: 'replace', path: '/spec/taints/1', value: { key: 'z' } }], ['a', 'z']],
    [[{ op: 'move', from: '/spec/taints/1', path: '/spec/taints/0' }], ['b', 'a']],
    [[{ op: 'copy', from: '/spec/taints/0', path: '/spec/taints/-' }], ['a', 'b', 'a']],
  ])('%j', (patch, keys) => {
    const result = applyJsonPatch(document, patch) as typeof document;
    expect(result.spec.taints.map(({ key }) => key)).toEqual(keys);
    expect(document.spec.taints).toHaveLength(2);
  });

  it('unescapes keys', () => {
    const result = applyJsonPatch(document, [
      { op: 'remove', path: '/metadata/labels/x~1y' },
      { op: 'replace', path: '/metadata/labels/a~0b', value: '3' },
    ]);
    expect(result).toMatchObject({ metadata: { labels: { 'a~b': '3' } } });
  });

  it('adds what it replaces when it is missing', () => {
    expect(applyJsonPatch({ a: {} }, [{ op: 'replace', path: '/a/b', value: 1 }])).toEqual({ a: { b: 1 } });
  });

  it('replaces and tests the whole document', () => {
    expect(
      applyJsonPatch({ a: 1 }, [
        { op: 'test', path: '', value: { a: 1 } },
        { op: 'replace', path: '', value: { b: 2 } },
      ]),
    ).toEqual({ b: 2 });
  });

  it('takes a test for null as a test for absence', () => {
    expect(codeOf(() => applyJsonPatch({ a: {} }, [{ op: 'test', path: '/a/b', value: null }]))).toBeUndefined();
    expect(codeOf(() => applyJsonPatch({ a: { b: 1 } }, [{ op: 'test', path: '/a/b', value: null }]))).toBe(422);
  });

  it.each([
    ['a failing test', [{ op: 'test', path: '/spec/unschedulable', value: false }]],
    ['a missing parent', [{ op: 'add', path: '/spec/foo/bar', value: 1 }]],
    ['a missing field to remove', [{ op: 'remove', path: '/spec/foo' }]],
    ['an index too far', [{ op: 'add', path: '/spec/taints/9', value: 1 }]],
    ['an index that is none', [{ op: 'remove', path: '/spec/taints/x' }]],
    ['an unknown operation', [{ op: 'foo', path: '/a' }]],
    ['a missing path', [{ op: 'add', value: 1 }]],
    ['an empty path', [{ op: 'add', path: '', value: 1 }]],
    ['a missing from', [{ op: 'copy', path: '/a' }]],
  ])('is refused with 422 for %s', (_, patch) => {
    expect(codeOf(() => applyJsonPatch(document, patch))).toBe(422);
  });

  it('is refused when it is no list of operations, or too long', () => {
    expect(codeOf(() => applyJsonPatch(document, { op: 'add' }))).toBe(400);
    expect(codeOf(() => applyJsonPatch(document, ['add']))).toBe(400);
    expect(
      codeOf(() =>
        applyJsonPatch(
          document,
          Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a' })),
        ),
      ),
    ).toBe(413);
  });

  it('never touches the prototype', () => {
    applyJsonPatch({ a: {} }, [{ op: 'add', path: '/a/__proto__', value: { polluted: true } }]);
    expect({}).not.toHaveProperty('polluted');
  });

  it('puts in what it takes out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, value) => {
        const added = applyJsonPatch({ kept: before }, [{ op: 'add', path: '/new', value }]);
        expect(JSON.stringify(added)).toBe(JSON.stringify({ kept: before, new: value }));
        expect(JSON.stringify(applyJsonPatch(added, [{ op: 'remove', path: '/new' }]))).toBe(
          JSON.stringify({ kept: before }),
        );
      }),
    );
  });
});
