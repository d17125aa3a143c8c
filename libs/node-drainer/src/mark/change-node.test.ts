import { systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { KubernetesConnectionError } from '../connection/errors.ts';
import type { FoundNode } from '../find/found-node.ts';
import { aFoundNode } from '../testing/objects.ts';
import { missingRight, refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { ChangeConflictError, changeNode } from './change-node.ts';
import type { NodeChange } from './node-change.ts';

const RECORD = 'aws-node-termination-handler/interruptions';
const taint = { key: 'aws-node-termination-handler/spot-itn', value: 'x', effect: 'NoSchedule' };
const mark: NodeChange = { unschedulable: true, taints: { own: [taint.key], set: [taint] } };
const unmark: NodeChange = { unschedulable: false, taints: { own: [taint.key], set: [] } };
const toMark = () => mark;
const isPatch = ({ verb }: { verb: string }) => verb === 'patch';

function setUp() {
  const cluster = new ScriptedCluster(systemClock);
  cluster.putNode();
  return cluster;
}

/** Adds a writer to the list in an annotation. */
const signAs =
  (writer: string) =>
  ({ annotations }: FoundNode): NodeChange => {
    const writers = new Set(annotations[RECORD]?.split(' '));
    return { annotations: { [RECORD]: [...writers.add(writer)].join(' ') } };
  };

/** The patch applies, and the answer never comes. */
function loseNextAnswer(cluster: ScriptedCluster): void {
  cluster.script(
    isPatch,
    async (call) => {
      await cluster.request(call);
      return new KubernetesConnectionError('reset');
    },
    1,
  );
}

/** As the API server refuses annotations of more than 256 KiB. */
function refuseAnnotations(cluster: ScriptedCluster, times = Infinity): void {
  const cause = {
    reason: 'FieldValueTooLong',
    message: 'Too long: may not be more than 262144 bytes',
    field: 'metadata.annotations',
  };
  const isAnnotating = ({ verb, body }: { verb: string; body?: unknown }) =>
    verb === 'patch' && JSON.stringify(body).includes('/metadata/annotations');
  cluster.script(
    isAnnotating,
    (call) =>
      refusal(call, 422, {
        reason: 'Invalid',
        message: `Node "node-1" is invalid: metadata.annotations: ${cause.message}`,
        details: { name: 'node-1', kind: 'Node', causes: [cause] },
      }),
    times,
  );
}

describe('changeNode', () => {
  it('needs one request for a node that is known', async () => {
    const cluster = setUp();
    const result = await changeNode(cluster, aFoundNode(), toMark);
    expect(result).toMatchObject({
      outcome: 'changed',
      changed: true,
      before: { unschedulable: false },
      node: { unschedulable: true, taints: [taint] },
    });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch']);
  });

  it('reads a node of which only the name is known', async () => {
    const cluster = setUp();
    expect(await changeNode(cluster, 'node-1', toMark)).toMatchObject({ outcome: 'changed', changed: true });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get', 'patch']);
  });

  it('sends nothing when all is there', async () => {
    const cluster = setUp();
    cluster.putNode({ unschedulable: true, taints: [taint] });
    const result = await changeNode(cluster, 'node-1', toMark);
    expect(result).toMatchObject({ outcome: 'changed', changed: false, patch: [], node: { unschedulable: true } });
    expect(cluster.calls.some(isPatch)).toBe(false);
  });

  it('works the change out anew when the node has changed meanwhile', async () => {
    const cluster = setUp();
    cluster.putNode({ taints: [{ key: 'theirs', effect: 'NoSchedule' }] });
    const result = await changeNode(cluster, aFoundNode(), toMark);
    expect(result).toMatchObject({ node: { taints: [{ key: 'theirs' }, { key: taint.key }] } });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch', 'get', 'patch']);
  });

  it('loses nothing of what others write into the same annotation at once', async () => {
    const cluster = setUp();
    const writers = ['a', 'b', 'c', 'd'];
    await Promise.all(writers.map((writer) => changeNode(cluster, aFoundNode(), signAs(writer))));
    expect(cluster.nodes.get('node-1')!.metadata!.annotations![RECORD]!.split(' ').sort()).toEqual(writers);
  });

  it('says as what it found the node, so that somebody else’s cordon is not taken for its own', async () => {
    const cluster = setUp();
    cluster.putNode({ unschedulable: true });
    expect(await changeNode(cluster, aFoundNode(), toMark)).toMatchObject({ before: { unschedulable: true } });
  });

  it('goes on through conflicts, throttling and faults', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict' }), 2);
    cluster.script(isPatch, (call) => refusal(call, 429, { details: { retryAfterSeconds: 0 } }), 1);
    cluster.script(isPatch, (call) => refusal(call, 500), 1);
    expect(await changeNode(cluster, aFoundNode(), toMark)).toMatchObject({ outcome: 'changed', changed: true });
  });

  it.each([
    [403, 'admission webhook "no.example.com" denied the request: not now'],
    [404, 'admission webhook "no.example.com" denied the request: not now'],
    [429, 'admission webhook "no.example.com" denied the request: not now'],
    [500, 'Internal error occurred: failed calling webhook "no.example.com": no endpoints available'],
  ])('is refused at once, and by its name, where a webhook answers %s', async (status, message) => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, status, { message }), 1);
    const refused = changeNode(cluster, aFoundNode(), toMark);
    await expect(refused).rejects.toMatchObject({ status, refusedBy: { name: 'no.example.com' } });
    expect(cluster.calls).toHaveLength(1);
  });

  it('knows its own work when the answer was lost on the way', async () => {
    const cluster = setUp();
    loseNextAnswer(cluster);
    const change = (node: FoundNode): NodeChange => ({ ...mark, ...signAs('me')(node) });
    const result = await changeNode(cluster, aFoundNode(), change);
    expect(result).toMatchObject({
      changed: true,
      before: { unschedulable: false, annotations: {} },
      node: { unschedulable: true, annotations: { [RECORD]: 'me' } },
    });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch', 'patch', 'get']);
  });

  it('says when the node is gone', async () => {
    const cluster = setUp();
    cluster.removeNode('node-1');
    expect(await changeNode(cluster, aFoundNode(), toMark)).toEqual({ outcome: 'not-found', name: 'node-1' });
    expect(await changeNode(cluster, 'node-1', toMark)).toEqual({ outcome: 'not-found', name: 'node-1' });
  });

  it('never touches another node that has taken the name', async () => {
    const cluster = setUp();
    const other = cluster.putNode({ uid: 'another' });
    expect(await changeNode(cluster, aFoundNode(), toMark)).toMatchObject({
      outcome: 'replaced',
      name: 'node-1',
      found: { name: 'node-1', uid: 'another' },
    });
    expect(cluster.nodes.get('node-1')).toBe(other);
  });

  it('gives up on what the server will never take', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 422, { reason: 'Invalid', message: 'not a label value' }));
    await expect(changeNode(cluster, 'node-1', toMark)).rejects.toThrow('not a label value');
    expect(cluster.calls.filter(isPatch)).toHaveLength(1);
  });

  it('gives up on what it is not allowed to do', async () => {
    const cluster = setUp();
    cluster.script(isPatch, missingRight);
    await expect(changeNode(cluster, aFoundNode(), toMark)).rejects.toThrow('not allowed to patch nodes');
  });

  it('gives up when the time is over, with the last reason as cause', async () => {
    const cluster = setUp();
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict', message: 'again' }));
    const failure = await changeNode(cluster, aFoundNode(), toMark, { timeoutMs: 100 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ChangeConflictError);
    expect((failure as Error).cause).toMatchObject({ status: 409 });
  });

  it('ends by its signal', async () => {
    const reason = new Error('shutting down');
    const options = { signal: AbortSignal.abort(reason) };
    await expect(changeNode(setUp(), 'node-1', toMark, options)).rejects.toBe(reason);
  });

  it('ends with what the function throws', async () => {
    const failure = new Error('no such change');
    const change = () => {
      throw failure;
    };
    await expect(changeNode(setUp(), aFoundNode(), change)).rejects.toBe(failure);
  });
});

describe('that there is nothing to do', () => {
  it('is not believed before the node has been read', async () => {
    const cluster = setUp();
    expect(await changeNode(cluster, aFoundNode(), () => unmark)).toMatchObject({ changed: false });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get']);
    const outdated = aFoundNode();
    await changeNode(cluster, outdated, toMark);
    const result = await changeNode(cluster, outdated, () => unmark);
    expect(result).toMatchObject({ changed: true, before: { unschedulable: true }, node: { unschedulable: false } });
  });

  it('is believed of a node that was just read, or that the last change returned', async () => {
    const cluster = setUp();
    const first = await changeNode(cluster, aFoundNode(), toMark);
    const node = first.outcome === 'changed' ? first.node : expect.fail();
    const calls = cluster.calls.length;
    const second = await changeNode(cluster, node, toMark, { isFresh: true });
    expect(second).toMatchObject({ outcome: 'changed', changed: false, node, before: node });
    expect(cluster.calls).toHaveLength(calls);
  });
});

describe('a dry run', () => {
  it('sends nothing, and says what it would have sent and left', async () => {
    const cluster = setUp();
    const result = await changeNode(cluster, aFoundNode(), toMark, { dryRun: true });
    expect(result).toMatchObject({ changed: true, before: { unschedulable: false }, node: { unschedulable: true } });
    expect(result).toHaveProperty('patch.length', 5);
    expect(cluster.calls).toEqual([]);
  });

  it('goes on from what it would have left', async () => {
    const cluster = setUp();
    const options = { dryRun: true };
    const first = await changeNode(cluster, 'node-1', signAs('me'), options);
    const node = first.outcome === 'changed' ? first.node : expect.fail();
    expect(await changeNode(cluster, node, signAs('me'), options)).toMatchObject({ changed: false, patch: [] });
    expect(await changeNode(cluster, node, signAs('you'), options)).toMatchObject({
      node: { annotations: { [RECORD]: 'me you' } },
    });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get']);
  });

  it('says when the node is gone', async () => {
    const result = await changeNode(setUp(), 'node-2', toMark, { dryRun: true });
    expect(result).toEqual({ outcome: 'not-found', name: 'node-2' });
  });
});

describe('a node without room for more annotations', () => {
  const change = (node: FoundNode): NodeChange => ({ ...mark, ...signAs('me')(node) });

  it('is changed in all else', async () => {
    const cluster = setUp();
    refuseAnnotations(cluster);
    const result = await changeNode(cluster, aFoundNode(), change);
    expect(result).toMatchObject({ changed: true, withoutAnnotations: true });
    expect(cluster.nodes.get('node-1')).toMatchObject({ spec: { unschedulable: true, taints: [taint] } });
    expect(cluster.nodes.get('node-1')).not.toHaveProperty('metadata.annotations');
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['patch', 'patch']);
  });

  it('is changed in all else also when somebody is quicker', async () => {
    const cluster = setUp();
    refuseAnnotations(cluster, 1);
    cluster.script(isPatch, (call) => refusal(call, 409, { reason: 'Conflict' }), 1);
    const result = await changeNode(cluster, aFoundNode(), change);
    expect(result).toMatchObject({ changed: true, withoutAnnotations: true, node: { annotations: {} } });
  });

  it('stays as it is when annotations were all', async () => {
    const cluster = setUp();
    refuseAnnotations(cluster);
    const result = await changeNode(cluster, 'node-1', signAs('me'));
    expect(result).toMatchObject({ changed: false, withoutAnnotations: true, patch: [] });
  });

  it('is not taken for one because something else is too long', async () => {
    const cluster = setUp();
    const causes = [{ reason: 'FieldValueTooLong', field: 'metadata.labels', message: 'Too long' }];
    cluster.script(isPatch, (call) =>
      refusal(call, 422, { reason: 'Invalid', message: 'labels', details: { causes } }),
    );
    await expect(changeNode(cluster, 'node-1', change)).rejects.toThrow('labels');
    expect(cluster.calls.filter(isPatch)).toHaveLength(1);
  });
});
