import { describe, expect, it } from 'vitest';
import { KubernetesConnectionError } from '../connection/errors.ts';
import { systemClock } from '@node-termination-handler/clock';
import { aFoundNode } from '../testing/objects.ts';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { MarkConflictError } from './apply.ts';
import { markNode, unmarkNode } from './mark-node.ts';
import type { NodeMark } from './marks.ts';

const CLAIM = 'aws-node-termination-handler/claim';
const taint = { key: 'aws-node-termination-handler/spot-itn', value: 'x', effect: 'NoSchedule' as const };
const mark: NodeMark = { cordon: true, taint };
const claim: NodeMark = { cordon: true, annotations: { [CLAIM]: 'me' }, expectAnnotations: { [CLAIM]: null } };
const isPatch = ({ verb }: { verb: string }) => verb === 'patch';

function setUp() {
  const cluster = new ScriptedCluster(systemClock);
  cluster.putNode();
  return cluster;
}

describe('markNode', () => {
  it('needs one request for a node that is known', async () => {
    const cluster = setUp();
    const result = await markNode(cluster, aFoundNode(), mark);
    expect(result).toMatchObject({
      outcome: 'marked',
      changed: true,
      cordonedByUs: true,
      node: { unschedulable: true },
    });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch']);
  });

  it('reads a node of which only the name is known', async () => {
    const cluster = setUp();
    expect(await markNode(cluster, 'node-1', mark)).toMatchObject({ outcome: 'marked', changed: true });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get', 'patch']);
  });

  it('sends nothing when all is there', async () => {
    const cluster = setUp();
    cluster.putNode({ unschedulable: true, taints: [taint] });
    const result = await markNode(cluster, 'node-1', mark);
    expect(result).toMatchObject({ outcome: 'marked', changed: false, cordonedByUs: false, patch: [] });
    expect(cluster.calls.some(isPatch)).toBe(false);
  });

  it('sends nothing in a dry run, and says what it would have sent', async () => {
    const cluster = setUp();
    const result = await markNode(cluster, aFoundNode(), mark, { dryRun: true });
    expect(result).toMatchObject({ outcome: 'marked', changed: true, node: { unschedulable: false } });
    expect(result).toHaveProperty('patch.length', 5);
    expect(cluster.calls).toEqual([]);
  });

  it('works the patch out anew when the node has changed meanwhile', async () => {
    const cluster = setUp();
    cluster.putNode({ taints: [{ key: 'theirs', effect: 'NoSchedule' }] });
    const result = await markNode(cluster, aFoundNode(), mark);
    expect(result).toMatchObject({ outcome: 'marked', node: { taints: [{ key: 'theirs' }, { key: taint.key }] } });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch', 'get', 'patch']);
  });

  it('does not take somebody else’s cordon for its own', async () => {
    const cluster = setUp();
    cluster.putNode({ unschedulable: true });
    expect(await markNode(cluster, aFoundNode(), mark)).toMatchObject({ cordonedByUs: false });
  });

  it('goes on through conflicts, throttling and faults', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict' }), 2);
    cluster.script(isPatch, (call) => refusal(call, 429, { details: { retryAfterSeconds: 0 } }), 1);
    cluster.script(isPatch, (call) => refusal(call, 500), 1);
    expect(await markNode(cluster, aFoundNode(), mark)).toMatchObject({ outcome: 'marked', cordonedByUs: true });
  });

  it('knows its own work when the answer was lost on the way', async () => {
    const cluster = setUp();
    const lost = () => {
      const call = cluster.calls.at(-1)!;
      cluster.script(isPatch, () => undefined, 1);
      return cluster.request(call).then(() => new KubernetesConnectionError('reset'));
    };
    cluster.script(isPatch, lost, 1);
    const result = await markNode(cluster, aFoundNode(), claim);
    expect(result).toMatchObject({ outcome: 'marked', cordonedByUs: true, changed: true });
    expect(result).toHaveProperty('node.annotations', { [CLAIM]: 'me' });
  });

  it('says when the node is gone', async () => {
    const cluster = setUp();
    cluster.removeNode('node-1');
    expect(await markNode(cluster, aFoundNode(), mark)).toEqual({ outcome: 'not-found', name: 'node-1' });
    expect(await markNode(cluster, 'node-1', mark)).toEqual({ outcome: 'not-found', name: 'node-1' });
  });

  it('never touches another node that has taken the name', async () => {
    const cluster = setUp();
    const other = cluster.putNode({ uid: 'another' });
    expect(await markNode(cluster, aFoundNode(), mark)).toEqual({
      outcome: 'replaced',
      name: 'node-1',
      expectedUid: 'uid-of-node-1',
      foundUid: 'another',
    });
    expect(cluster.nodes.get('node-1')).toBe(other);
  });

  it('lets one of two replicas have the node', async () => {
    const cluster = setUp();
    const known = aFoundNode();
    const theirs = { ...claim, annotations: { [CLAIM]: 'them' } };
    const results = await Promise.all([markNode(cluster, known, claim), markNode(cluster, known, theirs)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'marked']);
  });

  it('believes a claim only after it has read the node', async () => {
    const cluster = setUp();
    const outdated = aFoundNode({ annotations: { [CLAIM]: 'them, until a moment ago' } });
    expect(await markNode(cluster, outdated, claim)).toMatchObject({ outcome: 'marked' });
  });

  it('gives up on what the server will never take', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 422, { reason: 'Invalid', message: 'not a label value' }));
    await expect(markNode(cluster, 'node-1', mark)).rejects.toThrow('not a label value');
    expect(cluster.calls.filter(isPatch)).toHaveLength(1);
  });

  it('gives up on what it is not allowed to do', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 403, { reason: 'Forbidden', message: 'no' }));
    await expect(markNode(cluster, aFoundNode(), mark)).rejects.toThrow('not allowed to patch nodes');
  });

  it('gives up when the time is over, with the last reason as cause', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict', message: 'again' }));
    const failure = await markNode(cluster, aFoundNode(), mark, { timeoutMs: 100 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MarkConflictError);
    expect((failure as Error).cause).toMatchObject({ status: 409 });
  });

  it('ends by its signal', async () => {
    const reason = new Error('shutting down');
    await expect(markNode(setUp(), 'node-1', mark, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('unmarkNode', () => {
  it('takes off what a mark has put on, and uncordons when asked', async () => {
    const cluster = setUp();
    const before = structuredClone(cluster.nodes.get('node-1')!.spec);
    const result = await markNode(cluster, 'node-1', mark);
    const node = result.outcome === 'marked' ? result.node : expect.fail();
    expect(await unmarkNode(cluster, node, { uncordon: true })).toMatchObject({
      outcome: 'unmarked',
      uncordoned: true,
    });
    expect(cluster.nodes.get('node-1')!.spec).toEqual(before);
  });

  it('sends nothing when nothing is there', async () => {
    const cluster = setUp();
    expect(await unmarkNode(cluster, aFoundNode())).toMatchObject({ changed: false, uncordoned: false });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get']);
  });

  it('does not believe that nothing is there before it has read the node', async () => {
    const cluster = setUp();
    const outdated = aFoundNode();
    await markNode(cluster, outdated, mark);
    expect(await unmarkNode(cluster, outdated, { uncordon: true })).toMatchObject({ changed: true, uncordoned: true });
  });

  it('says when the node is gone', async () => {
    const cluster = setUp();
    cluster.removeNode('node-1');
    expect(await unmarkNode(cluster, 'node-1')).toEqual({ outcome: 'not-found', name: 'node-1' });
  });
});
