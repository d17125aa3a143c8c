import assert from 'node:assert/strict';
import { isWrite } from '../audit.ts';
import type { Scenario } from '../run.ts';
import { newInstanceId } from '../scene-node.ts';
import type { SceneNodeOptions } from '../scene-node.ts';
import type { Scene } from '../scene.ts';
import { createVolume } from '../workloads.ts';

async function spotThroughQueue(scene: Scene, options: SceneNodeOptions): Promise<void> {
  const node = await scene.node(options);
  await scene.pod('web', node);
  await scene.processor();
  const message = await scene.aws.sendSpotInterruption(node.instanceId);
  await scene.untilDone(node, message);
}

/** How a message finds its node. */
export const nodeScenarios: readonly Scenario[] = [
  {
    name: 'nodes: named after the instance',
    proves: 'nodes whose name is their instance id are found without a setting',
    async run(scene) {
      await spotThroughQueue(scene, { name: newInstanceId(), privateDnsName: 'ip-10-1-2-3.ec2.internal' });
    },
  },
  {
    name: 'nodes: custom DNS name',
    proves: 'nodes with a name of their own are found by their provider id',
    async run(scene) {
      await spotThroughQueue(scene, { name: `worker-${scene.id}`, privateDnsName: 'ip-10-1-2-4.ec2.internal' });
    },
  },
  {
    name: 'nodes: found by hostname',
    proves: 'a node without a provider id is found by the host name that EC2 tells',
    async run(scene) {
      const privateDnsName = `ip-10-9-${Number.parseInt(scene.id.slice(0, 2), 16)}-7.corp-${scene.id}.example`;
      const name = `node-${scene.id}`;
      await spotThroughQueue(scene, { name, hostname: privateDnsName, privateDnsName, withoutProviderId: true });
    },
  },
];

/** What is written to a node, and what is not. */
export const markScenarios: readonly Scenario[] = [
  ...(['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const).map((effect): Scenario => ({
    name: `marks: taint ${effect}`,
    proves: `the taint comes with effect ${effect} beside every taint of the user’s`,
    async run(scene) {
      const taints = [
        { key: 'example.com/a', value: '1', effect: 'PreferNoSchedule' },
        { key: 'example.com/a', value: '1', effect: 'NoSchedule' },
        { key: 'example.com/b', effect: 'NoExecute' },
      ];
      const node = await scene.node({ taints });
      await scene.agent(node, { TAINT_EFFECT: effect });
      scene.spotNotice(node);
      await scene.untilCordoned(node);
      const now = (await scene.nodeNow(node)).spec.taints ?? [];
      for (const taint of taints) {
        const kept = now.some(
          ({ key, value, effect: found }) => key === taint.key && value === taint.value && found === taint.effect,
        );
        assert.ok(kept, `${JSON.stringify(taint)} is missing in ${JSON.stringify(now)}`);
      }
      assert.equal(now.find(({ key }) => key === 'aws-node-termination-handler/spot-itn')?.effect, effect);
    },
  })),
  {
    name: 'marks: no taint unless asked',
    proves: 'without TAINT_NODE there is only the cordon',
    async run(scene) {
      const node = await scene.node();
      await scene.agent(node, { TAINT_NODE: undefined });
      scene.spotNotice(node);
      await scene.untilCordoned(node);
      const { taints = [] } = (await scene.nodeNow(node)).spec;
      assert.ok(!taints.some(({ key }) => key.startsWith('aws-node-termination-handler/')));
    },
  },
  {
    name: 'marks: load-balancer label',
    proves: 'the label that takes the node out of load balancers comes with the cordon and goes with the uncordon',
    async run(scene) {
      const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
      const node = await scene.node();
      const users = await scene.node({ labels: { [label]: 'the-user' } });
      await scene.agent(node, { EXCLUDE_FROM_LOAD_BALANCERS: 'true' });
      await scene.agent(users, { EXCLUDE_FROM_LOAD_BALANCERS: 'true' });
      const labelOf = async (which: typeof node) => (await scene.nodeNow(which)).metadata.labels?.[label];
      const event = {
        EventId: 'maintenance',
        Code: 'system-reboot' as const,
        State: 'active' as const,
        NotBefore: new Date(Date.now() + 3_600_000),
        Description: 'maintenance',
      };
      for (const each of [node, users]) each.imds?.setScheduledEvents([event]);
      for (const each of [node, users]) await scene.untilCordoned(each);
      assert.equal(await labelOf(node), 'aws-node-termination-handler');
      assert.equal(await labelOf(users), 'the-user');
      for (const each of [node, users]) each.imds?.setScheduledEvents([]);
      for (const each of [node, users]) await scene.untilSchedulable(each);
      await scene.eventually('our label to go', async () => (await labelOf(node)) === undefined);
      assert.equal(await labelOf(users), 'the-user');
    },
  },
  {
    name: 'marks: out of service',
    proves:
      'with EC2’s own word that the instance is off, and not before, the taint lets the cluster detach a volume at once',
    async run(scene) {
      const node = await scene.node();
      const volume = await createVolume(scene.kube, scene.namespace, scene.id);
      await scene.pod('database', node, { claim: volume.claim });
      await volume.attach(node.name);
      await scene.processor({ ENABLE_OUT_OF_SERVICE_TAINT: 'true' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message);
      const outOfService = async () =>
        (await scene.nodeNow(node)).spec.taints?.find(({ key }) => key === 'node.kubernetes.io/out-of-service');
      assert.equal(await outOfService(), undefined);
      scene.aws.ec2.setState(node.instanceId, 'stopped');
      await scene.aws.sendStateChange(node.instanceId, 'stopped');
      await scene.eventually('the taint to come', async () => (await outOfService()) !== undefined);
      const taint = await outOfService();
      assert.equal(taint?.value, 'nodeshutdown');
      assert.equal(taint.effect, 'NoExecute');
      await scene.eventually('the volume to be detached', async () => {
        const attachment = await volume.attachment();
        return attachment === undefined || attachment.metadata.deletionTimestamp !== undefined;
      });
    },
  },
  {
    name: 'marks: cordon only',
    proves: 'CORDON_ONLY cordons and taints, and evicts nobody; no out-of-service taint either',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      await scene.processor({ CORDON_ONLY: 'true' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilCordoned(node);
      await scene.untilDeleted(message);
      assert.equal(scene.pods.of('web')?.toldToEndAt, undefined);
    },
  },
  {
    name: 'marks: dry run writes nothing',
    proves: 'with DRY_RUN neither Kubernetes nor AWS sees a single write',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.deployment('web', { replicas: 2 });
      const settings = { DRY_RUN: 'true', EMIT_KUBERNETES_EVENTS: 'true', EXCLUDE_FROM_LOAD_BALANCERS: 'true' };
      const agent = await scene.agent(node, settings);
      const processor = await scene.processor(settings);
      scene.spotNotice(node);
      const sent = await scene.terminate(node);
      await agent.says(/spot-itn-/);
      await processor.says(/asg-lifecycle-term-/);
      await processor.says(/dry.?run|would/i);
      await agent.stop();
      await processor.stop();
      for (const program of [agent, processor]) {
        assert.deepEqual((await scene.requestsOf(program)).filter(isWrite), []);
      }
      assert.equal(scene.action(sent).state, 'waiting');
      assert.deepEqual(
        (await scene.eventsOf(node)).filter(({ reason }) => reason !== 'RegisteredNode'),
        [],
      );
      for (const action of ['DeleteMessage', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'])
        assert.deepEqual(scene.aws.calls('sqs', action), []);
      assert.deepEqual(scene.aws.calls('autoscaling', 'CompleteLifecycleAction'), []);
    },
  },
];
