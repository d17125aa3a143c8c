import assert from 'node:assert/strict';
import { actionKey, annotate, CLAIM, entry, MINUTES, nodePath, own, RECORD, record } from '../forgery.ts';
import type { Scenario } from '../run.ts';

/** What a kubelet can make the programs do that writes onto its node what they read there; docs/security.md has the table. */
export const attackScenarios: readonly Scenario[] = [
  {
    name: 'attack: the fence around a kubelet',
    proves:
      'a kubelet writes annotations, labels and the cordon of its own node; no taint, no other node, no Lease of ours',
    async run(scene) {
      const node = await scene.node();
      const other = await scene.node();
      await scene.processor();
      const kubelet = scene.kubelet(node);
      const leases = '/apis/coordination.k8s.io/v1/namespaces/node-termination-handler/leases';
      const metadata = { annotations: { [RECORD]: 'x', [CLAIM]: 'x' }, labels: { [`${own}/action`]: 'x' } };
      await kubelet.patch(nodePath(node), { metadata });
      await kubelet.patch(nodePath(node), { spec: { unschedulable: true } });
      await kubelet.patch(nodePath(node), { spec: { unschedulable: null } });
      const taints = [{ key: `${own}/spot-itn`, effect: 'NoExecute' }];
      const beat = { metadata: { annotations: { [`beat.${own}/x`]: 'x' } } };
      await assert.rejects(kubelet.patch(nodePath(node), { spec: { taints } }), /: 403 .*not allowed to modify taints/);
      await assert.rejects(kubelet.patch(nodePath(other), { metadata }), /: 403 .*not allowed to modify node/);
      await assert.rejects(kubelet.patch(`${leases}/release-${scene.id}`, beat), /: 403 /);
      const providerID = `aws:///us-east-1a/${other.instanceId}`;
      await assert.rejects(kubelet.patch(nodePath(node), { spec: { providerID } }), /: 422 /);
    },
  },
  {
    name: 'attack: a past that was not',
    proves:
      'a return, tombstones and waits that a kubelet made up hold up no Spot notice, state change or lifecycle action',
    async run(scene) {
      const soon = Date.now() + 4 * MINUTES;
      const over = { progress: 'over', endedAt: soon, noticedAt: soon };
      const far = { kind: 'fixed', at: 8.64e15, source: 'envelope' };
      const decision = { action: 'cordon', lead: 0, podDeadline: 'respect', marks: {} };
      const forged: Readonly<Record<string, string>> = {
        returned: record([entry('spot', over), entry('state', over)], { returnedAt: soon }),
        dismissed: record([entry('spot', { ...over, progress: 'dismissed' })]),
        settled: record([entry('spot', { progress: 'settled', noticedAt: soon })], { cordon: { ours: true, at: 1 } }),
        asleep: record([entry('spot', { progress: 'waiting', end: far, decision, noticedAt: soon })]),
        left: record([entry('spot', { remarked: 'left', noticedAt: soon })], { cordon: { ours: false, at: soon } }),
      };
      const nodes = await Promise.all(Object.keys(forged).map(() => scene.node()));
      const stopped = await scene.node();
      const ended = await scene.node({ group: scene.hook() });
      const polled = await scene.node();
      for (const node of [...nodes, stopped, ended, polled]) await scene.pod(`web-${node.name}`, node);
      const [action] = scene.aws.autoScaling.scaleIn(ended.instanceId);
      assert.ok(action);
      for (const [i, text] of Object.values(forged).entries())
        await annotate(scene, nodes[i] ?? stopped, { [RECORD]: text });
      for (const node of [stopped, polled]) await annotate(scene, node, { [RECORD]: forged.returned ?? '' });
      await annotate(scene, ended, { [RECORD]: record([entry(actionKey(action.token), over)], { returnedAt: soon }) });
      await scene.processor();
      await scene.agent(polled);
      scene.spotNotice(polled);
      await Promise.all([
        ...nodes.map(async (node) => {
          await scene.aws.sendSpotInterruption(node.instanceId);
          await scene.eventually(`${node.name} to be emptied`, async () => (await scene.podsOn(node)).length === 0);
        }),
        scene.aws.sendStateChange(stopped.instanceId, 'stopping').then((sent) => scene.untilDone(stopped, sent)),
        scene.aws.resendLifecycleAction(action).then((sent) => scene.untilDone(ended, sent)),
        scene.untilDrained(polled),
      ]);
      assert.equal(scene.action({ action }).result, 'CONTINUE');
    },
  },
  {
    name: 'attack: recommendations silenced',
    proves: 'a kubelet can have its own node left in service at a rebalance recommendation, and no other node',
    async run(scene) {
      const node = await scene.node();
      const other = await scene.node();
      await scene.processor();
      const soon = Date.now() + 4 * MINUTES;
      await annotate(scene, node, { [RECORD]: record([entry('rebalance', { progress: 'dismissed', endedAt: soon })]) });
      const messages = [node, other].map(({ instanceId }) => scene.aws.sendRebalanceRecommendation(instanceId));
      for (const message of messages) await scene.untilDeleted(await message);
      await scene.untilDrained(other);
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
    },
  },
  {
    name: 'attack: hooks of others in the record',
    proves: 'which hook is completed is said by the message in hand: an entry that names another’s completes nothing',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      const victim = await scene.node({ group: 'others' });
      const transition = 'autoscaling:EC2_INSTANCE_TERMINATING';
      scene.aws.autoScaling.putHook({ name: 'theirs', group: 'others', transition, heartbeatTimeoutSeconds: 300 });
      const [theirs] = scene.aws.autoScaling.scaleIn(victim.instanceId);
      const [ours] = scene.aws.autoScaling.scaleIn(node.instanceId);
      assert.ok(theirs && ours);
      const hook = { group: 'others', name: 'theirs', defaultResult: 'CONTINUE', ours: true };
      const cordoned = { action: 'cordon', lead: 'immediate', podDeadline: 'respect', marks: {} };
      await annotate(scene, node, {
        [RECORD]: record([
          entry(actionKey(theirs.token), { progress: 'emptied', hook }),
          entry(actionKey(`${theirs.token} `), { hook, decision: cordoned }),
          entry(actionKey(ours.token), { progress: 'emptied', hook }),
        ]),
      });
      await scene.pod('slow', node, { endsAfterSeconds: 4, graceSeconds: 20 });
      await scene.processor();
      await scene.aws.resendLifecycleAction(ours);
      const { endedAt = 0, result } = await scene.untilCompleted({ action: ours });
      assert.equal(result, 'CONTINUE');
      assert.ok(endedAt >= (await scene.removedAt('slow')), 'completed before the pod was gone');
      assert.equal(scene.action({ action: theirs }).state, 'waiting');
      assert.deepEqual(scene.aws.autoScaling.refused(), []);
    },
  },
  {
    name: 'attack: emptied, it says',
    proves: 'a record that says in the middle of a drain that the node is empty completes no hook before it is',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('slow', node, { endsAfterSeconds: 5, graceSeconds: 20 });
      await scene.processor();
      const sent = await scene.terminate(node);
      await scene.eventually('the pod to be told to end', () => scene.pods.of('slow')?.toldToEndAt !== undefined);
      const text = (await scene.nodeNow(node)).metadata.annotations?.[RECORD] ?? '';
      assert.match(text, /"progress":"acting"/);
      await annotate(scene, node, { [RECORD]: text.replace('"progress":"acting"', '"progress":"emptied"') });
      const { endedAt = 0 } = await scene.untilCompleted(sent);
      assert.ok(endedAt >= (await scene.removedAt('slow')), 'completed before the pod was gone');
      await scene.untilDeleted(sent);
    },
  },
  {
    name: 'attack: marks that are not ours',
    proves:
      'a record can ask for our own taints and labels on its node; for no other, nor for the out-of-service taint',
    async run(scene) {
      const theirs = { key: 'example.com/a', value: '1', effect: 'NoSchedule' };
      const node = await scene.node({ taints: [theirs] });
      const marks = {
        taint: 'NoExecute',
        loadBalancers: true,
        reboot: true,
        taints: ['example.com/b'],
        labels: { x: 'y' },
      };
      const asks = entry('spot', {
        id: 'x'.repeat(128),
        decision: { action: 'cordon', lead: 'immediate', podDeadline: 'respect', marks },
      });
      const before = (await scene.nodeNow(node)).metadata.labels ?? {};
      await annotate(scene, node, { [RECORD]: record([asks], { shutDownAt: Date.now() }) });
      await scene.processor();
      await scene.untilCordoned(node);
      const { metadata, spec } = await scene.nodeNow(node);
      const taints = spec.taints?.filter(({ key }) => !key.startsWith('node.kubernetes.io/unschedulable')) ?? [];
      assert.deepEqual(
        taints.map(({ key, effect }) => `${key} ${effect}`),
        ['example.com/a NoSchedule', `${own}/spot-itn NoExecute`],
      );
      // Kubernetes' own old labels come a moment after the node.
      const isOfKubernetes = (key: string) => key.startsWith('beta.kubernetes.io/');
      const added = Object.keys(metadata.labels ?? {}).filter(
        (key) => before[key] === undefined && !isOfKubernetes(key),
      );
      assert.deepEqual(added.sort(), [
        `${own}/action`,
        `${own}/action-time`,
        `${own}/event-id`,
        'node.kubernetes.io/exclude-from-external-load-balancers',
      ]);
    },
  },
  {
    name: 'attack: a cordon in our name',
    proves: 'a record that calls a person’s cordon ours has it lifted on its own node, as its kubelet could itself',
    async run(scene) {
      const node = await scene.node({ unschedulable: true });
      const honest = await scene.node({ unschedulable: true });
      const told = entry('rebalance', { progress: 'settled', sources: ['imds'] });
      const cordon = { ours: true, at: Date.now() };
      await annotate(scene, node, { [RECORD]: record([told], { cordon }) });
      await annotate(scene, honest, { [RECORD]: record([told], { cordon: { ...cordon, ours: false } }) });
      const settings = { ENABLE_REBALANCE_MONITORING: 'true' };
      await scene.agent(node, settings);
      await scene.agent(honest, settings);
      await scene.untilSchedulable(node);
      await scene.eventually('the other to be given back', async () => {
        const text = (await scene.nodeNow(honest)).metadata.annotations?.[RECORD] ?? '';
        return !text.includes('"settled"');
      });
      assert.equal((await scene.nodeNow(honest)).spec.unschedulable, true);
    },
  },
  {
    name: 'attack: garbage in the annotations',
    proves: 'what is no record, too long, too deep or of a version to come keeps no node from being drained',
    async run(scene) {
      const texts = [
        'x',
        '{"entries":7}',
        '['.repeat(24_000),
        record([]).padEnd(24 * 1024 + 1),
        record([{ v: 2, progress: 'sleeping', text: 'x'.repeat(23_000) }]),
        record(Array.from({ length: 60 }, (_, i) => entry(`scheduled/${i}`, { progress: 'waiting' }))),
        record([{ ...entry('spot'), key: '__proto__' }, entry('spot', { noticedAt: -1 }), entry('spot', { hook: {} })]),
      ];
      const nodes = await Promise.all(texts.map(() => scene.node()));
      for (const [i, node] of nodes.entries()) {
        await scene.pod(`web-${i}`, node);
        await annotate(scene, node, {
          [RECORD]: texts[i] ?? '',
          [CLAIM]: texts[i] ?? '',
          [`${own}/cordoned-for`]: 'x',
        });
      }
      const processor = await scene.processor();
      await Promise.all(
        nodes.map(async (node) => scene.untilDone(node, await scene.aws.sendSpotInterruption(node.instanceId))),
      );
      assert.equal(await processor.stop(), 0);
    },
  },
  {
    name: 'attack: no room for annotations',
    proves: 'a node whose annotations are full is cordoned, drained and its hook completed all the same',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('web', node);
      const { annotations = {} } = (await scene.nodeNow(node)).metadata;
      const taken = Object.entries(annotations).flat().join('').length + 'example.com/full'.length;
      await annotate(scene, node, { 'example.com/full': 'x'.repeat(256 * 1024 - taken) });
      await assert.rejects(annotate(scene, node, { x: 'y' }), /: 422 /);
      await scene.processor();
      const sent = await scene.terminate(node);
      await scene.untilDrained(node);
      assert.equal((await scene.untilCompleted(sent)).result, 'CONTINUE');
      await scene.untilDeleted(sent);
    },
  },
];
