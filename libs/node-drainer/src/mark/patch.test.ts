import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../connection/wire.ts';
import { toFoundNode } from '../find/found-node.ts';
import { applyJsonPatch, PatchFailed } from '../testing/apply-json-patch.ts';
import { aFoundNode, aNode } from '../testing/objects.ts';
import { buildMarkPatch, buildUnmarkPatch, jsonPointer } from './patch.ts';
import type { NodeMark } from './marks.ts';
import { LOAD_BALANCER_LABEL, OUT_OF_SERVICE_TAINT, OWN_LABELS, OWN_TAINTS, toLabelValue } from './marks.ts';

const spotTaint = { key: OWN_TAINTS.spotItn, value: 'spot-1', effect: 'NoSchedule' as const };
const fullMark: NodeMark = {
  cordon: true,
  taint: spotTaint,
  labels: { [OWN_LABELS.eventId]: 'spot-1' },
  labelsIfSchedulable: { [OWN_LABELS.action]: 'UncordonAfterReboot', [OWN_LABELS.actionTime]: '1767323045' },
  excludeFromLoadBalancers: true,
  annotations: { 'aws-node-termination-handler/claim': 'me' },
  expectAnnotations: { 'aws-node-termination-handler/claim': null },
};

function marked(node: Node, mark: NodeMark): Node {
  return applyJsonPatch(node, buildMarkPatch(toFoundNode(node), mark));
}

describe('the patch that marks a node', () => {
  it('does all at once', () => {
    const node = marked(aNode({ taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }] }), fullMark);
    expect(node.spec).toMatchObject({ unschedulable: true, taints: [{ key: 'team' }, spotTaint] });
    expect(node.metadata?.labels).toMatchObject({
      [OWN_LABELS.eventId]: 'spot-1',
      [OWN_LABELS.action]: 'UncordonAfterReboot',
      [LOAD_BALANCER_LABEL]: 'aws-node-termination-handler',
    });
    expect(node.metadata?.annotations).toEqual({ 'aws-node-termination-handler/claim': 'me' });
  });

  it('leaves a taint of the same key as it is', () => {
    const known = { key: spotTaint.key, value: 'older', effect: 'PreferNoSchedule' };
    expect(marked(aNode({ taints: [known] }), { taint: spotTaint }).spec?.taints).toEqual([known]);
  });

  it('leaves the load-balancer label of somebody else as it is', () => {
    const node = marked(aNode({ labels: { [LOAD_BALANCER_LABEL]: 'mine' } }), { excludeFromLoadBalancers: true });
    expect(node.metadata?.labels?.[LOAD_BALANCER_LABEL]).toBe('mine');
  });

  it('asks for no uncordon after a reboot on a node that was cordoned before', () => {
    const node = marked(aNode({ unschedulable: true }), fullMark);
    expect(node.metadata?.labels).not.toHaveProperty(OWN_LABELS.action);
  });

  it('is empty when all is there', () => {
    const node = marked(aNode(), fullMark);
    expect(buildMarkPatch(toFoundNode(node), fullMark)).toEqual([]);
  });

  it('does not apply to another node of the name', () => {
    const patch = buildMarkPatch(aFoundNode(), fullMark);
    expect(() => applyJsonPatch(aNode({ uid: 'another' }), patch)).toThrow(PatchFailed);
  });

  it.each([
    ['a taint', aNode({ taints: [{ key: 'theirs', effect: 'NoSchedule' }] })],
    ['a cordon', aNode({ unschedulable: true })],
    ['a claim', aNode({ annotations: { 'aws-node-termination-handler/claim': 'them' } })],
    ['a load-balancer label', aNode({ labels: { [LOAD_BALANCER_LABEL]: 'theirs' } })],
  ])('does not apply when somebody was quicker with %s', (_, changed) => {
    const patch = buildMarkPatch(aFoundNode(), fullMark);
    expect(() => applyJsonPatch(changed, patch)).toThrow(PatchFailed);
  });

  it('knows that a node in an index may have annotations that were not kept', () => {
    const node = aNode({ annotations: { theirs: 'x' } });
    const patch = buildMarkPatch(toFoundNode(node, ['aws-node-termination-handler/']), fullMark);
    expect(applyJsonPatch(node, patch).metadata?.annotations).toEqual({
      theirs: 'x',
      'aws-node-termination-handler/claim': 'me',
    });
  });

  it('removes an annotation only as it is known', () => {
    const node = aNode({ annotations: { claim: 'me' } });
    const patch = buildMarkPatch(toFoundNode(node), { annotations: { claim: null, other: null } });
    expect(applyJsonPatch(node, patch).metadata?.annotations).toEqual({});
    expect(() => applyJsonPatch(aNode({ annotations: { claim: 'them' } }), patch)).toThrow(PatchFailed);
  });

  it('sets the out-of-service taint beside the others', () => {
    const node = marked(marked(aNode(), fullMark), { taint: OUT_OF_SERVICE_TAINT });
    expect(node.spec?.taints?.map(({ key }) => key)).toEqual([spotTaint.key, 'node.kubernetes.io/out-of-service']);
  });
});

describe('the patch that unmarks a node', () => {
  it('undoes a mark', () => {
    const before = aNode({ taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }], annotations: { theirs: 'x' } });
    const node = marked(before, fullMark);
    const annotations = { 'aws-node-termination-handler/claim': null };
    const patch = buildUnmarkPatch(toFoundNode(node), { uncordon: true, annotations });
    expect(applyJsonPatch(node, patch)).toEqual(before);
  });

  it('leaves the cordon unless it is asked', () => {
    const node = marked(aNode(), fullMark);
    const unmarked = applyJsonPatch(node, buildUnmarkPatch(toFoundNode(node), {}));
    expect(unmarked.spec).toEqual({ unschedulable: true });
  });

  it('leaves the load-balancer label of somebody else', () => {
    const node = aNode({ labels: { [LOAD_BALANCER_LABEL]: 'theirs' } });
    expect(buildUnmarkPatch(toFoundNode(node), { uncordon: true })).toEqual([]);
  });

  it('takes off only what it is told', () => {
    const node = marked(aNode(), fullMark);
    const patch = buildUnmarkPatch(toFoundNode(node), { labels: [OWN_LABELS.action], taints: [] });
    const unmarked = applyJsonPatch(node, patch);
    expect(unmarked.metadata?.labels).toHaveProperty(OWN_LABELS.eventId);
    expect(unmarked.spec?.taints).toHaveLength(1);
  });

  it('does not apply when the claim it rests on is lost', () => {
    const node = marked(aNode(), fullMark);
    const expectAnnotations = { 'aws-node-termination-handler/claim': 'me' };
    const patch = buildUnmarkPatch(toFoundNode(node), { uncordon: true, expectAnnotations });
    node.metadata!.annotations = { 'aws-node-termination-handler/claim': 'them' };
    expect(() => applyJsonPatch(node, patch)).toThrow(PatchFailed);
  });
});

const key = fc.stringMatching(/^[a-z~/.-]{1,12}$/);
const entries = fc.dictionary(key, fc.string({ maxLength: 8 }), { maxKeys: 4 });
const taints = fc.uniqueArray(
  fc.record({ key, value: fc.string({ maxLength: 4 }), effect: fc.constantFrom('NoSchedule', 'NoExecute') }),
  { selector: (taint) => `${taint.key} ${taint.effect}`, maxLength: 4 },
);
const anyNode = fc
  .record({ labels: entries, annotations: entries, taints, isCordoned: fc.boolean() })
  .map(({ isCordoned, ...shape }) => aNode({ ...shape, ...(isCordoned && { unschedulable: true }) }));
const anyMark: fc.Arbitrary<NodeMark> = fc.record({
  cordon: fc.boolean(),
  taint: fc.record({ key, value: fc.string({ maxLength: 4 }), effect: fc.constant('NoSchedule' as const) }),
  labels: entries,
  // Its own keys: a label that is asked for in two ways has no one value.
  labelsIfSchedulable: fc.dictionary(
    key.map((name) => `if-${name}`),
    fc.string({ maxLength: 8 }),
    { maxKeys: 4 },
  ),
  excludeFromLoadBalancers: fc.boolean(),
  annotations: entries,
});

describe('for any node and mark', () => {
  it('nothing of the user’s is lost, and nothing but the mark is added', () => {
    fc.assert(
      fc.property(anyNode, anyMark, (node, mark) => {
        const after = marked(node, mark);
        for (const taint of node.spec?.taints ?? []) expect(after.spec?.taints).toContainEqual(taint);
        const added = (after.spec?.taints ?? []).filter((taint) => !(node.spec?.taints ?? []).includes(taint));
        expect(added.length).toBeLessThanOrEqual(1 + (node.spec?.taints?.length ?? 0));
        for (const map of ['labels', 'annotations'] as const) {
          const own = { ...mark[map], ...(map === 'labels' && mark.labelsIfSchedulable) };
          for (const [name, value] of Object.entries(node.metadata?.[map] ?? {})) {
            if (!Object.hasOwn(own, name)) expect(after.metadata?.[map]?.[name]).toBe(value);
          }
        }
        expect(after.spec?.unschedulable ?? false).toBe(mark.cordon === true || (node.spec?.unschedulable ?? false));
      }),
    );
  });

  it('a second patch changes nothing', () => {
    fc.assert(
      fc.property(anyNode, anyMark, (node, mark) => {
        expect(buildMarkPatch(toFoundNode(marked(node, mark)), mark)).toEqual([]);
      }),
    );
  });

  it('unmarking keeps every taint and label that is not the program’s', () => {
    fc.assert(
      fc.property(anyNode, (node) => {
        const patch = buildUnmarkPatch(toFoundNode(node), { uncordon: true });
        const after = applyJsonPatch(node, patch);
        expect(after.spec?.taints ?? []).toEqual(node.spec?.taints ?? []);
        expect(after.metadata).toEqual(node.metadata);
      }),
    );
  });
});

describe('names and values', () => {
  it('are escaped in pointers', () => {
    expect(jsonPointer('metadata', 'labels', 'a/b~c')).toBe('/metadata/labels/a~1b~0c');
  });

  it('any text becomes a valid label value', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 200 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(toLabelValue(text)).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
      }),
    );
  });

  it('a valid label value stays as it is', () => {
    expect(toLabelValue('spot-itn-event-0a1b.c_d')).toBe('spot-itn-event-0a1b.c_d');
  });
});
