import { systemClock } from '@node-termination-handler/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubernetesConnectionError } from '../connection/errors.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import { aFoundNode } from '../testing/objects.ts';
import { missingRight, refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { conditionWrites, isOwnCondition, showConditions } from './conditions.ts';
import type { ConditionMark } from './conditions.ts';
import { LIFECYCLE_CONDITIONS } from './marks.ts';

const AT = new Date('2026-03-01T10:20:30.456Z');
const draining: readonly ConditionMark[] = [
  { type: 'DrainInProgress', isTrue: true, message: 'spot-1' },
  { type: 'Drained', isTrue: false, message: 'spot-1' },
];
const drained: readonly ConditionMark[] = [
  { type: 'DrainInProgress', isTrue: false, message: 'spot-1' },
  { type: 'Drained', isTrue: true, message: 'spot-1' },
];
const theirs = { type: 'Drained', status: 'False', reason: 'KubectlUncordoned' };
const isPatch = ({ verb }: { verb: string }) => verb === 'patch';

function setUp() {
  const cluster = new ScriptedCluster(systemClock);
  cluster.putNode();
  const node = () => toFoundNode(cluster.nodes.get('node-1')!);
  const set = (...conditions: { type: string; status: string; reason?: string }[]) => {
    const known = cluster.putNode();
    known.status!.conditions!.push(...conditions);
  };
  return { cluster, node, set };
}

const shown = ({ conditions }: FoundNode) => conditions.map(({ type, status }) => `${type}=${status}`);

describe('the conditions of a node', () => {
  it('are written with their reason and the moment, and none that says so already', () => {
    expect(conditionWrites({ conditions: [] }, draining, AT)).toEqual([
      {
        type: 'DrainInProgress',
        status: 'True',
        reason: 'NodeTerminationHandlerDrainStarted',
        message: 'spot-1',
        lastTransitionTime: '2026-03-01T10:20:30Z',
      },
      {
        type: 'Drained',
        status: 'False',
        reason: 'NodeTerminationHandlerDrainNotCompleted',
        message: 'spot-1',
        lastTransitionTime: '2026-03-01T10:20:30Z',
      },
    ]);
    const known = [{ type: 'Drained', status: 'False', reason: 'NodeTerminationHandlerDrainNotCompleted' }];
    expect(conditionWrites({ conditions: known }, draining, AT)).toMatchObject([{ type: 'DrainInProgress' }]);
  });

  it('of somebody else are neither overwritten nor removed, whatever they say', () => {
    for (const condition of [theirs, { type: 'Drained', status: 'True' }]) {
      const node = { conditions: [condition] };
      expect(conditionWrites(node, drained, AT).map(({ type }) => type)).toEqual(['DrainInProgress']);
      expect(conditionWrites(node, [], AT)).toEqual([]);
    }
  });

  it('are, whatever they are, brought to what is wanted by one write of each, and by none the second time', () => {
    const reason = fc.constantFrom('NodeTerminationHandlerOther', 'KubectlDrainStarted', undefined);
    const state = fc.record({
      type: fc.constantFrom(...LIFECYCLE_CONDITIONS),
      status: fc.constantFrom('True', 'False', 'Unknown'),
      reason,
    });
    const states = fc.uniqueArray(state, { selector: ({ type }) => type });
    const mark = fc.record({
      type: fc.constantFrom(...LIFECYCLE_CONDITIONS),
      isTrue: fc.boolean(),
      message: fc.string(),
    });
    const marks = fc.uniqueArray(mark, { selector: ({ type }) => type });
    fc.assert(
      fc.property(states, marks, (found, wanted) => {
        const conditions = found.map(({ reason: why, ...rest }) =>
          why === undefined ? rest : { ...rest, reason: why },
        );
        const writes = conditionWrites({ conditions }, wanted, AT);
        const after = [
          ...conditions.filter(({ type }) => !writes.some((write) => write.type === type)),
          ...writes.flatMap((write) => ('$patch' in write ? [] : [write])),
        ];
        expect(conditionWrites({ conditions: after }, wanted, AT)).toEqual([]);
        for (const condition of conditions.filter((one) => !isOwnCondition(one)))
          expect(after).toContainEqual(condition);
        const ours = after.filter(isOwnCondition);
        for (const { type, status } of ours)
          expect(wanted).toContainEqual(expect.objectContaining({ type, isTrue: status === 'True' }));
      }),
    );
  });
});

describe('showConditions', () => {
  it('sends one patch of the status, and none when all is shown', async () => {
    const { cluster, node } = setUp();
    const after = await showConditions(cluster, node(), draining);
    expect(shown(after!)).toEqual(['DrainInProgress=True', 'Drained=False']);
    expect(after!.ready).toBe(true);
    expect(cluster.calls).toMatchObject([{ verb: 'patch', subresource: 'status', patchType: 'strategic' }]);
    expect(await showConditions(cluster, after!, draining)).toBe(after);
    expect(cluster.calls).toHaveLength(1);
  });

  it('removes them when none is wanted', async () => {
    const { cluster, node, set } = setUp();
    set({ type: 'DrainInProgress', status: 'True', reason: 'NodeTerminationHandlerDrainStarted' }, theirs);
    expect(shown((await showConditions(cluster, node(), []))!)).toEqual(['Drained=False']);
  });

  it('never writes over a condition that somebody has set since the look', async () => {
    const { cluster, node, set } = setUp();
    const known = node();
    set(theirs);
    const after = await showConditions(cluster, known, drained);
    expect(after!.conditions).toContainEqual(theirs);
    expect(shown(after!)).toContain('DrainInProgress=False');
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch', 'get', 'patch']);
  });

  it('ends with the node: when it is gone, or another has its name', async () => {
    const { cluster } = setUp();
    expect(await showConditions(cluster, aFoundNode({ uid: 'another' }), draining)).toBeUndefined();
    cluster.removeNode('node-1');
    expect(await showConditions(cluster, aFoundNode(), draining)).toBeUndefined();
  });

  it('says who refuses, and does not insist', async () => {
    const { cluster, node } = setUp();
    cluster.script(isPatch, missingRight, 1);
    await expect(showConditions(cluster, node(), draining)).rejects.toThrow('not allowed to patch nodes/status');
    const denied = { message: 'admission webhook "guard" denied the request: no' };
    for (const status of [403, 404, 409]) {
      cluster.script(isPatch, (call) => refusal(call, status, denied), 1);
      await expect(showConditions(cluster, node(), draining)).rejects.toMatchObject({ refusedBy: { name: 'guard' } });
    }
    cluster.script(isPatch, () => new KubernetesConnectionError('reset'), 1);
    await expect(showConditions(cluster, node(), draining)).rejects.toThrow('reset');
    expect(cluster.calls).toHaveLength(5);
  });

  it('gives up on a node that changes under every try', async () => {
    const { cluster, node } = setUp();
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict' }));
    await expect(showConditions(cluster, node(), draining)).rejects.toMatchObject({ status: 409 });
    expect(cluster.calls.filter(isPatch)).toHaveLength(5);
  });
});
