import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '@node-termination-handler/clock';
import type { NodeShape } from '../testing/objects.ts';
import { aFoundNode, aNode } from '../testing/objects.ts';
import { missingRight, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { findNode, findNodes } from './find-node.ts';
import { NodeLookup } from './node-lookup.ts';
import type { NodeRef } from './found-node.ts';
import { toFoundNode } from './found-node.ts';

const FULL = 'ip-10-0-0-1.eu-central-1.compute.internal';
const SHORT = 'ip-10-0-0-1';
const INSTANCE = 'i-0123456789abcdef0';
const OTHER = 'i-0fedcba9876543210';

function lookupOf(shapes: NodeShape[]) {
  const lookup = new NodeLookup();
  for (const shape of shapes) lookup.set(aFoundNode(shape));
  return lookup;
}

describe('what is kept of a node', () => {
  it.each<[string, NodeShape]>([
    ['its provider id', { instanceId: INSTANCE }],
    [
      'its provider id, whatever its label says',
      { instanceId: INSTANCE, labels: { 'alpha.eksctl.io/instance-id': OTHER } },
    ],
    ['the label of eksctl', { labels: { 'alpha.eksctl.io/instance-id': INSTANCE } }],
    ['its name', { name: INSTANCE }],
  ])('knows its instance from %s', (_, shape) => {
    expect(aFoundNode(shape).instanceId).toBe(INSTANCE);
  });

  it.each(['aws:////i-0123456789abcdef0', 'aws:///i-0123456789abcdef0', 'aws:///eu-central-1/az/i-0123456789abcdef0'])(
    'knows its instance from the provider id %s',
    (providerID) => {
      const node = aNode();
      node.spec!.providerID = providerID;
      expect(toFoundNode(node).instanceId).toBe(INSTANCE);
    },
  );

  it('knows no instance when there is none', () => {
    const node = aNode();
    node.spec!.providerID = 'kind://docker/kind/kind-control-plane';
    expect(toFoundNode(node)).not.toHaveProperty('instanceId');
    expect(toFoundNode({})).toMatchObject({ name: '', uid: '', ready: false, unschedulable: false, taints: [] });
    expect(toFoundNode(aNode({ bootId: 'boot-1' })).bootId).toBe('boot-1');
    expect(toFoundNode({}).bootId).toBe('');
  });

  it('keeps only the annotations that are asked for', () => {
    const annotations = { 'aws-node-termination-handler/claim': 'me', theirs: 'x' };
    const node = toFoundNode(aNode({ annotations }), ['aws-node-termination-handler/']);
    expect(node.annotations).toEqual({ 'aws-node-termination-handler/claim': 'me' });
    expect(node.annotated).toBe(true);
  });
});

describe('a look-up', () => {
  it.each<[string, NodeShape, string]>([
    ['its name', { name: 'custom' }, 'custom'],
    ['its host name', { name: 'custom', hostname: FULL }, FULL],
    ['its host name cut short', { name: 'custom', hostname: FULL }, SHORT],
    ['a whole name when the host name is cut short', { name: 'custom', hostname: SHORT }, FULL],
    ['its name cut short', { name: FULL, hostname: 'other' }, SHORT],
    ['a whole name when its own is cut short', { name: SHORT, hostname: 'other' }, FULL],
    ['an instance id that is its name', { name: INSTANCE }, INSTANCE],
  ])('finds a node by %s', (_, shape, name) => {
    expect(lookupOf([shape, { name: 'another' }]).find({ name })?.name).toBe(shape.name);
  });

  it('does not take a host of another network for ours because it begins alike', () => {
    const lookup = lookupOf([{ name: FULL, hostname: FULL }]);
    expect(lookup.find({ name: `${SHORT}.us-east-1.compute.internal` })).toBeUndefined();
  });

  it('does not choose between two that fit', () => {
    const lookup = lookupOf([
      { name: 'a', hostname: `${SHORT}.one` },
      { name: 'b', hostname: `${SHORT}.two` },
    ]);
    expect(lookup.find({ name: SHORT })).toBeUndefined();
    expect(lookup.find({ name: `${SHORT}.two` })?.name).toBe('b');
  });

  it('does not take a node of another instance for the one that is meant', () => {
    const lookup = lookupOf([{ name: FULL, instanceId: OTHER }]);
    expect(lookup.find({ name: FULL, instanceId: INSTANCE })).toBeUndefined();
  });

  it('goes by the instance id in the provider id before any name', () => {
    const lookup = lookupOf([{ name: 'named' }, { name: 'by-instance', instanceId: INSTANCE }]);
    expect(lookup.find({ name: 'named', instanceId: INSTANCE })?.name).toBe('by-instance');
    expect(lookup.find({ name: 'named', instanceId: OTHER })?.name).toBe('named');
    expect(lookup.find({ name: 'named' })?.name).toBe('named');
    expect(lookup.find({})).toBeUndefined();
  });

  it.each<[string, NodeShape]>([
    ['host name', { name: 'thief', hostname: FULL }],
    ['label of eksctl', { name: 'thief', labels: { 'alpha.eksctl.io/instance-id': INSTANCE } }],
    ['name', { name: FULL }],
  ])('is not led to the node that took the instance’s %s', (_, thief) => {
    const lookup = lookupOf([thief, { name: 'victim', instanceId: INSTANCE }]);
    expect(lookup.findAll({ name: FULL, instanceId: INSTANCE }).map(({ name }) => name)).toEqual(['victim']);
  });

  it.each(['aws:///eu-central-1a/i-0fedcba9876543210', 'gce://project/zone/node', 'azure:///subscriptions/1/vm'])(
    'takes no node with the provider id %s for another instance, whatever it is called',
    (providerID) => {
      const node = aNode({ name: FULL, labels: { 'alpha.eksctl.io/instance-id': INSTANCE } });
      node.spec!.providerID = providerID;
      const lookup = new NodeLookup();
      lookup.set(toFoundNode(node));
      expect(lookup.findAll({ name: FULL, instanceId: INSTANCE })).toEqual([]);
      expect(lookup.find({ name: FULL })?.name).toBe(FULL);
    },
  );

  it.each(['k3s://ip-10-0-0-1', 'rke2://ip-10-0-0-1', 'kind://docker/kind/ip-10-0-0-1'])(
    'goes by the name of a node whose provider id %s is no cloud’s',
    (providerID) => {
      const node = aNode({ name: SHORT });
      node.spec!.providerID = providerID;
      const lookup = new NodeLookup();
      lookup.set(toFoundNode(node));
      expect(lookup.find({ name: FULL, instanceId: INSTANCE })?.name).toBe(SHORT);
    },
  );

  it('finds all that claim one instance, and of those the named one', () => {
    const claimants = [
      { name: 'a', instanceId: INSTANCE },
      { name: 'b', instanceId: INSTANCE },
    ];
    const lookup = lookupOf([...claimants, { name: 'c', hostname: FULL }]);
    const names = (ref: NodeRef) => lookup.findAll(ref).map(({ name }) => name);
    expect(names({ name: FULL, instanceId: INSTANCE })).toEqual(['a', 'b']);
    expect(lookup.find({ instanceId: INSTANCE })).toBeUndefined();
    expect(lookup.find({ name: 'b', instanceId: INSTANCE })?.name).toBe('b');
    const labelled = lookupOf([{ name: FULL }, { name: 'c', hostname: FULL }]);
    expect(labelled.findAll({ name: FULL, instanceId: INSTANCE })).toHaveLength(2);
    expect(labelled.find({ name: FULL })?.name).toBe(FULL);
  });

  it('forgets what was removed or has changed', () => {
    const lookup = lookupOf([{ name: 'a', instanceId: INSTANCE }]);
    lookup.set(aFoundNode({ name: 'a', instanceId: OTHER }));
    expect(lookup.find({ instanceId: INSTANCE })).toBeUndefined();
    lookup.remove('a');
    lookup.remove('never there');
    expect(lookup.find({ instanceId: OTHER })).toBeUndefined();
    expect(lookup.size).toBe(0);
  });

  it('finds each node by its name and instance whatever came and went', () => {
    const shape = fc.record({ name: fc.constantFrom('a', 'b', 'c.x', 'c.y'), at: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(fc.tuple(shape, fc.boolean()), { maxLength: 30 }), (steps) => {
        const lookup = new NodeLookup();
        const model = new Map<string, string>();
        for (const [{ name, at }, isSet] of steps) {
          const instanceId = `i-0000000${String(at)}`;
          if (isSet) lookup.set(aFoundNode({ name, instanceId }));
          else lookup.remove(name);
          if (isSet) model.set(name, instanceId);
          else model.delete(name);
        }
        expect(lookup.size).toBe(model.size);
        for (const [name, instanceId] of model) expect(lookup.find({ name })).toMatchObject({ name, instanceId });
        for (const instanceId of model.values()) {
          const owners = [...model].filter(([, other]) => other === instanceId).map(([name]) => name);
          expect(lookup.find({ instanceId })?.name).toBe(owners.length === 1 ? owners[0] : undefined);
        }
      }),
    );
  });
});

describe('findNode', () => {
  function clusterOf(shapes: NodeShape[]) {
    const cluster = new ScriptedCluster(systemClock);
    for (const shape of shapes) cluster.putNode(shape);
    return cluster;
  }

  it('needs one request for a name that is right', async () => {
    const cluster = clusterOf([{ name: 'a' }]);
    expect(await findNode(cluster, { name: 'a' })).toMatchObject({ name: 'a' });
    expect(cluster.calls).toHaveLength(1);
  });

  it('looks through all pages for an instance', async () => {
    const shapes = Array.from({ length: 1100 }, (_, index) => ({ name: `node-${index}` }));
    const cluster = clusterOf([...shapes, { name: 'last', instanceId: INSTANCE }]);
    expect(await findNode(cluster, { instanceId: INSTANCE })).toMatchObject({ name: 'last' });
    expect(cluster.calls.map(({ query }) => query?.limit)).toEqual([500, 500, 500]);
  });

  it('looks further when the named node is another instance', async () => {
    const cluster = clusterOf([
      { name: 'a', instanceId: OTHER },
      { name: 'b', instanceId: INSTANCE },
    ]);
    expect(await findNode(cluster, { name: 'a', instanceId: INSTANCE })).toMatchObject({ name: 'b' });
  });

  it('finds all that claim each of several instances in one list', async () => {
    const cluster = clusterOf([
      { name: 'a', instanceId: INSTANCE },
      { name: 'b', instanceId: INSTANCE },
      { name: 'c', instanceId: OTHER },
    ]);
    const refs = [{ instanceId: OTHER }, { instanceId: INSTANCE }, { name: 'never' }];
    const found = await findNodes(cluster, refs, { signal: new AbortController().signal });
    expect(found.map((nodes) => nodes.map(({ name }) => name))).toEqual([['c'], ['a', 'b'], []]);
    expect(cluster.calls).toHaveLength(1);
  });

  it('finds nothing under a name that leads elsewhere, and never asks for it', async () => {
    const cluster = clusterOf([]);
    expect(await findNode(cluster, { name: '../secrets' })).toBeUndefined();
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['list']);
  });

  it('does not take a refusal for an absence', async () => {
    const cluster = clusterOf([]);
    cluster.script(() => true, missingRight);
    await expect(findNode(cluster, { name: 'a' })).rejects.toThrow('not allowed to get nodes');
  });
});
