import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../connection/wire.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import { applyJsonPatch, PatchFailed } from '../testing/apply-json-patch.ts';
import { aFoundNode, aNode } from '../testing/objects.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE, OUT_OF_SERVICE_TAINT, OWN_LABELS, OWN_TAINTS } from './marks.ts';
import type { NodeChange } from './node-change.ts';
import { applied } from './node-change.ts';
import { buildChangePatch, jsonPointer } from './patch.ts';

const RECORD = 'aws-node-termination-handler/interruptions';
const spotTaint = { key: OWN_TAINTS.spotItn, value: 'spot-1', effect: 'NoSchedule' };
const own = Object.values(OWN_TAINTS);
const mark: NodeChange = {
  unschedulable: true,
  taints: { own, set: [spotTaint] },
  labels: { [OWN_LABELS.eventId]: 'spot-1', [LOAD_BALANCER_LABEL]: LOAD_BALANCER_VALUE },
  annotations: { [RECORD]: 'v1' },
};
const unmark: NodeChange = {
  unschedulable: false,
  taints: { own, set: [] },
  labels: { [OWN_LABELS.eventId]: null, [LOAD_BALANCER_LABEL]: null },
  annotations: { [RECORD]: null },
};

function changed(node: Node, change: NodeChange): Node {
  return applyJsonPatch(node, buildChangePatch(toFoundNode(node), change));
}

describe('the patch of a change', () => {
  it('does all at once', () => {
    const node = changed(aNode({ taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }] }), mark);
    expect(node.spec).toMatchObject({ unschedulable: true, taints: [{ key: 'team' }, spotTaint] });
    expect(node.metadata?.labels).toMatchObject({
      [OWN_LABELS.eventId]: 'spot-1',
      [LOAD_BALANCER_LABEL]: 'aws-node-termination-handler',
    });
    expect(node.metadata?.annotations).toEqual({ [RECORD]: 'v1' });
  });

  it('is undone by its opposite', () => {
    const before = aNode({ taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }], annotations: { theirs: 'x' } });
    expect(changed(changed(before, mark), unmark)).toEqual(before);
  });

  it('is empty when all is there', () => {
    const node = changed(aNode(), mark);
    expect(buildChangePatch(toFoundNode(node), mark)).toEqual([]);
    expect(buildChangePatch(aFoundNode(), unmark)).toEqual([]);
    expect(buildChangePatch(aFoundNode(), {})).toEqual([]);
  });

  it('leaves alone whether the node is schedulable unless it is told', () => {
    for (const shape of [{}, { unschedulable: true as const }]) {
      const node = aNode(shape);
      expect(changed(node, { ...mark, unschedulable: 'as-found' }).spec?.unschedulable).toBe(node.spec?.unschedulable);
    }
  });

  it('leaves a taint of the same key as it is', () => {
    const known = { key: spotTaint.key, value: 'older', effect: 'PreferNoSchedule' };
    expect(changed(aNode({ taints: [known] }), mark).spec?.taints).toEqual([known]);
  });

  it('puts one taint of its own in the place of another', () => {
    const older = { key: OWN_TAINTS.rebalanceRecommendation, value: 'r', effect: 'NoSchedule' };
    const theirs = { key: 'team', value: 'a', effect: 'NoSchedule' };
    expect(changed(aNode({ taints: [older, theirs] }), mark).spec?.taints).toEqual([theirs, spotTaint]);
  });

  it('sets a taint that is nobody’s own beside the others', () => {
    const node = changed(changed(aNode(), mark), { taints: { own: [], set: [OUT_OF_SERVICE_TAINT] } });
    expect(node.spec?.taints).toEqual([spotTaint, OUT_OF_SERVICE_TAINT]);
  });

  it('neither overwrites nor removes the load-balancer label of somebody else', () => {
    const node = aNode({ labels: { [LOAD_BALANCER_LABEL]: 'theirs' } });
    for (const value of [LOAD_BALANCER_VALUE, null]) {
      expect(buildChangePatch(toFoundNode(node), { labels: { [LOAD_BALANCER_LABEL]: value } })).toEqual([]);
    }
  });

  it('knows that a node in an index may have annotations that were not kept', () => {
    const node = aNode({ annotations: { theirs: 'x' } });
    const patch = buildChangePatch(toFoundNode(node, ['aws-node-termination-handler/']), mark);
    expect(applyJsonPatch(node, patch).metadata?.annotations).toEqual({ theirs: 'x', [RECORD]: 'v1' });
  });

  it('removes an annotation only as it is known', () => {
    const node = aNode({ annotations: { claim: 'me' } });
    const patch = buildChangePatch(toFoundNode(node), { annotations: { claim: null, other: null } });
    expect(applyJsonPatch(node, patch).metadata?.annotations).toEqual({});
    expect(() => applyJsonPatch(aNode({ annotations: { claim: 'them' } }), patch)).toThrow(PatchFailed);
  });
});

describe('the patch of a change does not apply', () => {
  it('to another node of the name', () => {
    const patch = buildChangePatch(aFoundNode(), mark);
    expect(() => applyJsonPatch(aNode({ uid: 'another' }), patch)).toThrow(PatchFailed);
  });

  it.each([
    ['a taint', aNode({ taints: [{ key: 'theirs', effect: 'NoSchedule' }] })],
    ['a cordon', aNode({ unschedulable: true })],
    ['the record', aNode({ annotations: { [RECORD]: 'theirs' } })],
    ['a load-balancer label', aNode({ labels: { [LOAD_BALANCER_LABEL]: 'theirs' } })],
  ])('when somebody was quicker with %s', (_, other) => {
    const patch = buildChangePatch(aFoundNode(), mark);
    expect(() => applyJsonPatch(other, patch)).toThrow(PatchFailed);
  });

  it('when somebody has cordoned the node, though the cordon is left alone', () => {
    const patch = buildChangePatch(aFoundNode(), { annotations: { [RECORD]: 'v1' } });
    expect(() => applyJsonPatch(aNode({ unschedulable: true }), patch)).toThrow(PatchFailed);
  });

  it('when a named annotation has changed, though its value was to stay', () => {
    const known = aFoundNode({ annotations: { [RECORD]: 'v1' } });
    const patch = buildChangePatch(known, { unschedulable: true, annotations: { [RECORD]: 'v1', other: null } });
    expect(() => applyJsonPatch(aNode({ annotations: { [RECORD]: 'v2' } }), patch)).toThrow(PatchFailed);
    const withOther = aNode({ annotations: { [RECORD]: 'v1', other: 'x' } });
    expect(() => applyJsonPatch(withOther, patch)).toThrow(PatchFailed);
    expect(applyJsonPatch(aNode({ annotations: { [RECORD]: 'v1' } }), patch).spec).toEqual({ unschedulable: true });
  });
});

const key = fc.stringMatching(/^[a-z~/.-]{1,12}$/);
const text = fc.string({ maxLength: 8 });
const entries = fc.dictionary(key, text, { maxKeys: 4 });
const wantedEntries = fc.dictionary(key, fc.option(text), { maxKeys: 4 });
const taint = fc.record({
  key,
  value: fc.string({ maxLength: 4 }),
  effect: fc.constantFrom('NoSchedule', 'NoExecute'),
});
const taints = fc.uniqueArray(taint, { selector: ({ key: name, effect }) => `${name} ${effect}`, maxLength: 4 });
const anyNode = fc
  .record({ labels: entries, annotations: entries, taints, isCordoned: fc.boolean() })
  .map(({ isCordoned, ...shape }) => aNode({ ...shape, ...(isCordoned && { unschedulable: true }) }));
/** A node, and a change that names some of what it has. */
const nodeAndChange = anyNode.chain((node) => {
  const known = (map: Readonly<Record<string, string>> = {}) =>
    fc.tuple(wantedEntries, fc.subarray(Object.keys(map)), fc.option(text)).map(([wanted, keys, value]) => ({
      ...wanted,
      ...Object.fromEntries(keys.map((name) => [name, value])),
    }));
  const knownKeys = (node.spec?.taints ?? []).map((one) => one.key);
  const change: fc.Arbitrary<NodeChange> = fc.record({
    unschedulable: fc.constantFrom(true, false, 'as-found' as const),
    taints: fc.record({
      own: fc.subarray(knownKeys),
      set: fc.uniqueArray(taint, { selector: (one) => one.key, maxLength: 3 }),
    }),
    labels: known(node.metadata?.labels),
    annotations: known(node.metadata?.annotations),
  });
  return fc.tuple(fc.constant(node), change);
});

function carried({ unschedulable, taints: onNode, labels, annotations }: FoundNode) {
  return { unschedulable, taints: onNode, labels, annotations };
}

describe('for any node and change', () => {
  it('the patch leaves the node as the change says, and as a dry run tells it', () => {
    fc.assert(
      fc.property(nodeAndChange, ([node, change]) => {
        const after = carried(toFoundNode(changed(node, change)));
        expect(carried(applied(toFoundNode(node), change))).toEqual(after);
        const wanted = change.unschedulable === 'as-found' ? toFoundNode(node).unschedulable : change.unschedulable;
        expect(after.unschedulable).toBe(wanted);
        for (const map of ['labels', 'annotations'] as const) {
          const expected = Object.entries({ ...node.metadata?.[map], ...change[map] }).filter(
            ([, value]) => value !== null,
          );
          expect(after[map]).toEqual(Object.fromEntries(expected));
        }
      }),
    );
  });

  it('every taint that is not of an own key stays, and every key that is set is there', () => {
    fc.assert(
      fc.property(nodeAndChange, ([node, change]) => {
        const after = changed(node, change).spec?.taints ?? [];
        const { own: ownKeys = [], set = [] } = change.taints ?? {};
        const keys = set.map((one) => one.key);
        for (const one of node.spec?.taints ?? []) {
          if (!ownKeys.includes(one.key) || keys.includes(one.key)) expect(after).toContainEqual(one);
          else expect(after).not.toContainEqual(one);
        }
        expect(after.map((one) => one.key)).toEqual(expect.arrayContaining(keys));
      }),
    );
  });

  it('a second patch changes nothing', () => {
    fc.assert(
      fc.property(nodeAndChange, ([node, change]) => {
        expect(buildChangePatch(toFoundNode(changed(node, change)), change)).toEqual([]);
        expect(buildChangePatch(applied(toFoundNode(node), change), change)).toEqual([]);
      }),
    );
  });
});

describe('names and values', () => {
  it('are escaped in pointers', () => {
    expect(jsonPointer('metadata', 'labels', 'a/b~c')).toBe('/metadata/labels/a~1b~0c');
  });
});
