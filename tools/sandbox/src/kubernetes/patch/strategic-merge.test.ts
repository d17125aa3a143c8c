import { describe, expect, it } from 'vitest';
import { ApiError } from '../status.ts';
import { patchSchemas } from './schema.ts';
import type { PatchSchema } from './schema.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const { node, pod, podDisruptionBudget } = patchSchemas;

function codeOf(document: unknown, patch: unknown, schema: PatchSchema): number | undefined {
  try {
    applyStrategicMergePatch(document, patch, schema);
    return undefined;
  } catch (error) {
    return error instanceof ApiError ? error.status.code : -1;
  }
}

describe('a strategic merge patch', () => {
  it("replaces a node's taints as a whole", () => {
    const document = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }], providerID: 'x' } };
    const patch = { spec: { taints: [{ key: 'b', effect: 'NoExecute' }] } };
    expect(applyStrategicMergePatch(document, patch, node)).toEqual({
      spec: { taints: [{ key: 'b', effect: 'NoExecute' }], providerID: 'x' },
    });
  });

  it('merges conditions by type, the patched ones first where nothing else is known', () => {
    const document = {
      status: {
        conditions: [
          { type: 'Ready', status: 'True', reason: 'x' },
          { type: 'Disk', status: 'False' },
        ],
      },
    };
    const patch = {
      status: {
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'New', status: 'True' },
        ],
      },
    };
    expect(applyStrategicMergePatch(document, patch, node)).toEqual({
      status: {
        conditions: [
          { type: 'Ready', status: 'False', reason: 'x' },
          { type: 'New', status: 'True' },
          { type: 'Disk', status: 'False' },
        ],
      },
    });
  });

  it('merges containers by name, and what is in them', () => {
    const document = { spec: { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }, { name: 'b' }] } };
    const patch = {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'i',
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', $patch: 'delete' },
            ],
          },
        ],
      },
    };
    expect(applyStrategicMergePatch(document, patch, pod)).toEqual({
      spec: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }], image: 'i' }, { name: 'b' }] },
    });
  });

  it('deletes and replaces items of a list by directive', () => {
    const document = { status: { conditions: [{ type: 'A' }, { type: 'B' }] } };
    expect(
      applyStrategicMergePatch(document, { status: { conditions: [{ type: 'A', $patch: 'delete' }] } }, node),
    ).toEqual({ status: { conditions: [{ type: 'B' }] } });
    const replacing = { status: { conditions: [{ $patch: 'replace' }, { type: 'C' }] } };
    expect(applyStrategicMergePatch(document, replacing, node)).toEqual({ status: { conditions: [{ type: 'C' }] } });
  });

  it('replaces, deletes and merges objects by directive', () => {
    const document = { spec: { a: 1, b: 2 } };
    expect(applyStrategicMergePatch(document, { spec: { $patch: 'replace', c: 3 } }, node)).toEqual({ spec: { c: 3 } });
    expect(applyStrategicMergePatch(document, { spec: { $patch: 'delete' } }, node)).toEqual({ spec: {} });
    expect(applyStrategicMergePatch(document, { spec: { $patch: 'merge', c: 3 } }, node)).toEqual({
      spec: { a: 1, b: 2, c: 3 },
    });
    expect(applyStrategicMergePatch(document, { spec: { a: null } }, node)).toEqual({ spec: { b: 2 } });
  });

  it('keeps only the named fields with $retainKeys', () => {
    const document = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: {} } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(applyStrategicMergePatch(document, patch, patchSchemas.workload)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
    expect(codeOf(document, { spec: { $retainKeys: ['a'], b: 1 } }, node)).toBe(422);
    expect(codeOf(document, { spec: { $retainKeys: 'a' } }, node)).toBe(400);
  });

  it('treats finalizers as a set, adding in the order of the patch and taking away by directive', () => {
    const document = { metadata: { finalizers: ['a/b'] } };
    expect(applyStrategicMergePatch(document, { metadata: { finalizers: ['c/d', 'a/b'] } }, node)).toEqual({
      metadata: { finalizers: ['c/d', 'a/b'] },
    });
    const removing = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/b'] } };
    expect(applyStrategicMergePatch(document, removing, node)).toEqual({ metadata: { finalizers: [] } });
    expect(codeOf(document, { metadata: { '$deleteFromPrimitiveList/finalizers': 'a/b' } }, node)).toBe(400);
  });

  it('orders a list as $setElementOrder says', () => {
    const document = { spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } };
    const patch = { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } };
    expect(applyStrategicMergePatch(document, patch, pod)).toEqual({
      spec: { containers: [{ name: 'b' }, { name: 'c' }, { name: 'a' }] },
    });
    expect(codeOf(document, { spec: { '$setElementOrder/containers': 'x' } }, pod)).toBe(400);
    expect(applyStrategicMergePatch({ spec: {} }, patch, pod)).toEqual({ spec: {} });
  });

  it("replaces a budget's selector as a whole", () => {
    const document = { spec: { selector: { matchLabels: { a: '1' } } } };
    const patch = { spec: { selector: { matchLabels: { b: '2' } } } };
    expect(applyStrategicMergePatch(document, patch, podDisruptionBudget)).toEqual(patch);
    expect(applyStrategicMergePatch(document, { spec: { selector: null } }, podDisruptionBudget)).toEqual({ spec: {} });
  });

  it('is refused when it is not an object, misses a merge key or has an unknown directive', () => {
    expect(codeOf({}, [], node)).toBe(400);
    expect(codeOf({}, { status: { conditions: [{ status: 'True' }] } }, node)).toBe(500);
    expect(codeOf({}, { status: { conditions: ['x'] } }, node)).toBe(400);
    expect(codeOf({}, { spec: { $patch: 'foo' } }, node)).toBe(500);
  });

  it('makes an object where there was none', () => {
    expect(applyStrategicMergePatch(undefined, { spec: { a: { b: 1 } } }, node)).toEqual({ spec: { a: { b: 1 } } });
  });
});
