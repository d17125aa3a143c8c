import { systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { aFoundNode } from '../testing/objects.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import type { NodeMark } from './mark-node.ts';
import { markNode, unmarkNode } from './mark-node.ts';

const CLAIM = 'aws-node-termination-handler/claim';
const taint = { key: 'aws-node-termination-handler/spot-itn', value: 'x', effect: 'NoSchedule' as const };
const mark: NodeMark = { cordon: true, taint, excludeFromLoadBalancers: true, labelsIfSchedulable: { asked: 'yes' } };
const claim: NodeMark = { cordon: true, annotations: { [CLAIM]: 'me' }, expectAnnotations: { [CLAIM]: null } };

function setUp() {
  const cluster = new ScriptedCluster(systemClock);
  cluster.putNode();
  return cluster;
}

describe('a mark', () => {
  it('is put on and taken off again', async () => {
    const cluster = setUp();
    const before = structuredClone(cluster.nodes.get('node-1')!.spec);
    const marked = await markNode(cluster, aFoundNode(), mark);
    const node = marked.outcome === 'marked' ? marked.node : expect.fail();
    expect(marked).toMatchObject({ cordonedByUs: true, changed: true, node: { labels: { asked: 'yes' } } });
    const unmarked = await unmarkNode(cluster, node, { uncordon: true });
    expect(unmarked).toMatchObject({ outcome: 'unmarked', uncordoned: true });
    expect(cluster.nodes.get('node-1')!.spec).toEqual(before);
  });

  it('is one of two replicas’ to put on', async () => {
    const cluster = setUp();
    const known = aFoundNode();
    const theirs = { ...claim, annotations: { [CLAIM]: 'them' } };
    const results = await Promise.all([markNode(cluster, known, claim), markNode(cluster, known, theirs)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'marked']);
  });

  it('believes in a claim only after it has read the node', async () => {
    const outdated = aFoundNode({ annotations: { [CLAIM]: 'them, until a moment ago' } });
    expect(await markNode(setUp(), outdated, claim)).toMatchObject({ outcome: 'marked' });
  });
});
