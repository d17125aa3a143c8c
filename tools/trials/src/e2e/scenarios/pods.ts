import assert from 'node:assert/strict';
import type { PodObject } from '../../kube.ts';
import { kindOfCall } from '../audit.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';

/** A spot notice through the queue; answers with the message. */
const interrupt = (scene: Scene, node: SceneNode) => scene.aws.sendSpotInterruption(node.instanceId);
const toldToEnd = (scene: Scene, name: string) => scene.pods.of(name)?.toldToEndAt;

/** Which pods go, in which order and with which grace. */
export const podScenarios: readonly Scenario[] = [
  {
    name: 'pods: who stays and who goes',
    proves:
      'DaemonSet and mirror pods stay; completed, emptyDir and unmanaged pods go, and then the program’s own, last of all',
    async run(scene) {
      const node = await scene.node();
      await scene.daemonSet('agent-like');
      await scene.pod('bare', node);
      await scene.pod('scratch', node, { emptyDir: true });
      await scene.pod('done', node, { completes: true });
      await scene.pod('own', node, { priorityClassName: 'system-cluster-critical' });
      await scene.pod('slow', node, { endsAfterSeconds: 2, priorityClassName: 'system-cluster-critical' });
      const owner = { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid };
      await scene.pod('mirror', node, { annotations: { 'kubernetes.io/config.mirror': 'abc' } }, owner);
      await scene.processor({ POD_NAME: 'own', NAMESPACE: scene.namespace });
      const message = await interrupt(scene, node);
      await scene.untilDeleted(message);
      const left = (await scene.podsOn(node, { all: true })).map(({ metadata }) =>
        metadata.name.replace(/-[a-z0-9]{5}$/, ''),
      );
      assert.deepEqual(left.sort(), ['agent-like', 'mirror']);
      for (const name of ['bare', 'scratch', 'done']) assert.ok(toldToEnd(scene, name) !== undefined, name);
      assert.equal(toldToEnd(scene, 'mirror'), undefined);
      // Both times are this process' own, from one watch, so their order is the server's.
      assert.ok((toldToEnd(scene, 'own') ?? 0) >= (scene.pods.of('slow')?.goneAt ?? Infinity) - 50);
    },
  },
  {
    name: 'pods: DaemonSets not ignored',
    proves:
      'with IGNORE_DAEMON_SETS=false ordinary pods go first, then a DaemonSet’s pod, once, however often it is made anew',
    async run(scene) {
      const node = await scene.node();
      await scene.daemonSet('agent-like');
      await scene.pod('web', node);
      await scene.processor({ IGNORE_DAEMON_SETS: 'false' });
      const message = await interrupt(scene, node);
      await scene.untilDeleted(message);
      const told = scene.pods.all().filter(({ isDaemon, toldToEndAt }) => isDaemon && toldToEndAt !== undefined);
      assert.equal(told.length, 1);
      const { goneAt = 0 } = scene.pods.of('web') ?? {};
      // Both times are this process' own, from one watch, so their order is the server's.
      assert.ok((told[0]?.toldToEndAt ?? 0) >= goneAt - 50);
    },
  },
  {
    name: 'pods: StatefulSet and deployments',
    proves: 'pods of every kind of controller are replaced on another node of the cluster',
    async run(scene) {
      const node = await scene.node();
      const database = await scene.statefulSet('database', { replicas: 3 });
      const web = await scene.deployment('web', { replicas: 3 });
      const spare = await scene.node();
      await scene.processor();
      const message = await interrupt(scene, node);
      await scene.untilDone(node, message);
      await scene.untilRunning(database, 3);
      await scene.untilRunning(web, 3);
      for (const pod of [...(await database.pods()), ...(await web.pods())])
        assert.equal(pod.spec.nodeName, spare.name);
    },
  },
  {
    name: 'pods: critical ones last',
    proves: 'ordinary pods are gone before a system-node-critical one is told to go',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('critical', node, { priorityClassName: 'system-node-critical' });
      await scene.pod('ordinary', node, { endsAfterSeconds: 3, graceSeconds: 10 });
      await scene.processor();
      await interrupt(scene, node);
      await scene.untilDrained(node);
      const { goneAt = 0 } = scene.pods.of('ordinary') ?? {};
      // Both times are this process' own, from one watch, so their order is the server's.
      assert.ok((toldToEnd(scene, 'critical') ?? 0) >= goneAt - 50);
    },
  },
  {
    name: 'pods: long grace',
    proves: 'a pod gets its own grace, or the one that POD_TERMINATION_GRACE_PERIOD sets',
    async run(scene) {
      const own = await scene.node();
      await scene.pod('own-grace', own, { graceSeconds: 40, endsAfterSeconds: 3 });
      const first = await scene.processor();
      await interrupt(scene, own);
      await scene.untilDrained(own);
      assert.equal(scene.pods.of('own-grace')?.graceSeconds, 40);
      await first.stop();
      const set = await scene.node();
      await scene.pod('set-grace', set, { graceSeconds: 40, endsAfterSeconds: 30 });
      await scene.processor({ POD_TERMINATION_GRACE_PERIOD: '2' });
      await interrupt(scene, set);
      await scene.untilDrained(set);
      assert.equal(scene.pods.of('set-grace')?.graceSeconds, 2);
    },
  },
  {
    name: 'pods: one that hangs',
    proves:
      'a pod that outlives its grace makes the drain fail at its deadline; others go, and another node is not held up',
    async run(scene) {
      const stuck = await scene.node();
      const fine = await scene.node();
      await scene.pod('hangs', stuck, { hangs: true, graceSeconds: 2 });
      await scene.pod('neighbour', stuck);
      await scene.pod('elsewhere', fine);
      await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '8' });
      const bad = await interrupt(scene, stuck);
      await scene.untilCordoned(stuck);
      const good = await interrupt(scene, fine);
      await scene.untilDeleted(good);
      await scene.eventually('the neighbour to be gone', () => scene.pods.of('neighbour')?.goneAt !== undefined);
      await scene.delivered(2);
      assert.ok(!scene.isDeleted(bad));
    },
  },
  {
    name: 'pods: finalizer',
    proves: 'a pod that a finalizer holds is waited for, and the drain ends when it is let go',
    async run(scene) {
      const node = await scene.node();
      const letGo = await scene.stuckPod('held', node);
      await scene.processor();
      const message = await interrupt(scene, node);
      await scene.eventually('the pod to be told to end', () => toldToEnd(scene, 'held') !== undefined);
      assert.ok(!scene.isDeleted(message));
      await letGo();
      await scene.untilDone(node, message);
    },
  },
  {
    name: 'pods: budget that opens later',
    proves: 'a budget that blocks is waited for and named; when it opens the drain goes on',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 2 });
      const budget = await scene.budget('web-budget', web, { minAvailable: 2 });
      const processor = await scene.processor();
      const message = await interrupt(scene, node);
      await processor.says(/web-budget/);
      assert.equal((await scene.podsOn(node)).length, 2);
      await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
      await scene.untilDone(node, message);
    },
  },
  {
    name: 'pods: budget that lets one go at a time',
    proves: 'the real disruption and workload controllers move a budgeted Deployment over, pod by pod',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 3 });
      await scene.budget('web-budget', web, { maxUnavailable: 1 });
      await scene.node();
      await scene.processor();
      const message = await interrupt(scene, node);
      await scene.untilDone(node, message, 60_000);
      await scene.untilRunning(web, 3);
      const evicted = scene.pods
        .all()
        .filter(({ nodeName, toldToEndAt }) => nodeName === node.name && toldToEndAt !== undefined);
      for (const { disruption } of evicted) assert.equal(disruption, 'EvictionByEvictionAPI');
    },
  },
  {
    name: 'pods: budget that never opens, respected',
    proves: 'with POD_DEADLINE_POLICY=respect a closed budget holds until the deadline; the drain fails, and says so',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 1 });
      await scene.budget('closed', web, { minAvailable: 1 });
      const processor = await scene.processor({ POD_DEADLINE_POLICY: 'respect', NODE_TERMINATION_GRACE_PERIOD: '8' });
      const message = await interrupt(scene, node);
      await processor.says(/closed/);
      await scene.delivered(1);
      assert.equal((await scene.podsOn(node)).length, 1);
      assert.ok(!scene.isDeleted(message));
    },
  },
  {
    name: 'pods: budget that never opens, deadline',
    proves: 'by default a pod that a closed budget holds is deleted while its own grace still fits before the deadline',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 1, graceSeconds: 3 });
      await scene.budget('closed', web, { minAvailable: 1 });
      await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '12' });
      const message = await interrupt(scene, node);
      await scene.untilDone(node, message);
      const [life] = scene.pods.all().filter(({ nodeName }) => nodeName === node.name);
      assert.ok(life?.toldToEndAt !== undefined);
      assert.notEqual(life.disruption, 'EvictionByEvictionAPI');
    },
  },
  {
    name: 'pods: silent kubelet',
    proves:
      'pods of a node that the control plane has lost are waited for a minute past their grace; then the hook is completed, and nothing is deleted by force',
    // Without a Lease that they can read, queue processors of other scenarios would take the node over after a minute.
    alone: true,
    onlyInLongRuns: true,
    timeoutMs: 180_000,
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('stuck', node, { graceSeconds: 2 });
      const processor = await scene.processor();
      await scene.silence(node);
      const sent = await scene.terminate(node);
      const { result, endedAt = 0 } = await scene.untilCompleted(sent, 150_000);
      assert.equal(result, 'CONTINUE');
      await scene.untilDeleted(sent);
      assert.ok(endedAt - (toldToEnd(scene, 'stuck') ?? Infinity) > 60_000);
      const { metadata } = await scene.kube.get<PodObject>(scene.podPath('stuck'));
      assert.notEqual(metadata.deletionTimestamp, undefined);
      const requests = (await scene.requestsOf(processor)).map(kindOfCall);
      assert.ok(requests.includes('get leases'));
      assert.ok(!requests.includes('delete pods'));
    },
  },
  {
    name: 'pods: two budgets',
    proves: 'a pod under two budgets, which the API server refuses to evict, is said and does not end the program',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 1 });
      await scene.budget('one', web, { minAvailable: 0 });
      const second = await scene.budget('two', web, { minAvailable: 0 });
      const processor = await scene.processor();
      const message = await interrupt(scene, node);
      await processor.says(/more than one PodDisruptionBudget/);
      await scene.kube.remove(second);
      await scene.untilDone(node, message);
    },
  },
];
