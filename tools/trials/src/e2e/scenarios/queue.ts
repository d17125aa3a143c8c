import assert from 'node:assert/strict';
import type { SenderOptions, SentMessage } from '@node-termination-handler/sandbox';
import { isWrite } from '../audit.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';

const taintPrefix = 'aws-node-termination-handler/';

/** One kind of message, in each of its wrappings: every node is drained and every message deleted. */
function kindScenario(
  kind: string,
  taint: string | undefined,
  send: (scene: Scene, node: SceneNode, options: SenderOptions) => Promise<SentMessage>,
): Scenario {
  return {
    name: `queue: ${kind}`,
    proves: `a ${kind} message drains its node, straight from EventBridge and through SNS, and is deleted after that`,
    async run(scene) {
      const nodes = [await scene.node(), await scene.node()];
      await scene.deployment('web', { replicas: 4 });
      await scene.processor();
      const messages = await Promise.all(
        nodes.map(async (node, index) => send(scene, node, { throughSns: index === 1 })),
      );
      for (const node of nodes) await scene.untilDrained(node);
      for (const message of messages) await scene.untilDeleted(message);
      for (const node of nodes) {
        const { taints = [] } = (await scene.nodeNow(node)).spec;
        if (taint !== undefined)
          assert.ok(
            taints.some(({ key }) => key === taintPrefix + taint),
            JSON.stringify(taints),
          );
      }
      assert.ok(
        scene.pods.all().some(({ goneAt }) => goneAt !== undefined),
        'no pod went',
      );
      await scene.mustHold('event lost', 'message deleted', 'done twice');
    },
  };
}

/** Waits until the queue processor has no message left. */
async function untilQueueIsEmpty(scene: Scene): Promise<void> {
  await scene.eventually('the queue to be empty', async () => {
    const { visible, inFlight } = await scene.aws.sqs.depth();
    return visible + inFlight === 0;
  });
}

/** What the queue processor does with each kind of message. */
export const queueScenarios: readonly Scenario[] = [
  kindScenario('spot interruption', 'spot-itn', async ({ aws }, { instanceId }, options) =>
    aws.sendSpotInterruption(instanceId, options),
  ),
  kindScenario('rebalance recommendation', 'rebalance-recommendation', async ({ aws }, { instanceId }, options) =>
    aws.sendRebalanceRecommendation(instanceId, options),
  ),
  kindScenario('state change', undefined, async ({ aws }, { instanceId }, options) =>
    aws.sendStateChange(instanceId, 'stopping', options),
  ),
  kindScenario('capacity reservation interruption', undefined, async ({ aws }, { instanceId }, options) =>
    aws.sendCapacityReservationInterruption(instanceId, options),
  ),
  kindScenario('health event', 'scheduled-maintenance', async ({ aws }, { instanceId }, options) =>
    aws.sendHealthEvent([instanceId], options),
  ),
  {
    name: 'queue: health event for many',
    proves: 'one health message for several instances is deleted when the last of them is done, not with the first',
    async run(scene) {
      const quick = await scene.node();
      const slow = await scene.node();
      await scene.pod('quick', quick);
      const letGo = await scene.stuckPod('slow', slow);
      await scene.processor();
      const message = await scene.aws.sendHealthEvent([quick.instanceId, slow.instanceId]);
      await scene.untilDrained(quick);
      assert.ok(!scene.isDeleted(message));
      await letGo();
      await scene.untilDone(slow, message);
    },
  },
  {
    name: 'queue: states that need nothing',
    proves: 'a running instance, another service’s event and the group’s test notification are deleted untouched',
    async run(scene) {
      const node = await scene.node({ group: 'group' });
      const processor = await scene.processor();
      const messages = [
        await scene.aws.sendStateChange(node.instanceId, 'running'),
        await scene.aws.sendStateChange(node.instanceId, 'pending', { throughSns: true }),
        await scene.aws.sendHealthEvent([node.instanceId], { service: 'RDS' }),
        await scene.aws.sendTestNotification('group'),
      ];
      for (const message of messages) await scene.untilDeleted(message);
      await processor.stop();
      // What stands on the nodes of other scenarios is its business, too.
      const writes = (await scene.requestsOf(processor)).filter(isWrite);
      assert.deepEqual(
        writes.filter(({ objectRef }) => objectRef?.name === node.name),
        [],
      );
    },
  },
  {
    name: 'queue: poison',
    proves: 'a message that nobody understands is deleted, or left to the queue’s redrive policy, and harms no other',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const processor = await scene.processor();
      const poison = await scene.aws.sqs.send('{"not": "an event');
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message);
      await untilQueueIsEmpty(scene);
      await processor.says(new RegExp(poison));
    },
  },
  {
    name: 'queue: managed tag off',
    proves:
      'an instance without the managed tag is left alone and its message deleted; with the check off it is drained',
    async run(scene) {
      const node = await scene.node({ managed: false });
      await scene.pod('web', node);
      const checking = await scene.processor();
      const first = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDeleted(first);
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
      await checking.stop();
      await scene.processor({ CHECK_TAG_BEFORE_DRAINING: 'false' });
      const second = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, second);
    },
  },
  {
    name: 'queue: managed tag of one’s own',
    proves: 'MANAGED_TAG names the tag that counts, and its value where it has one',
    async run(scene) {
      const ours = await scene.node({ managed: false, tags: { 'team/managed': 'yes' } });
      const others = [await scene.node({ managed: false, tags: { 'team/managed': 'no' } }), await scene.node()];
      await scene.processor({ MANAGED_TAG: 'team/managed=yes' });
      const messages = [
        ...(await Promise.all(others.map(({ instanceId }) => scene.aws.sendSpotInterruption(instanceId)))),
        await scene.aws.sendSpotInterruption(ours.instanceId),
      ];
      for (const message of messages) await scene.untilDeleted(message);
      assert.equal((await scene.nodeNow(ours)).spec.unschedulable, true);
      for (const other of others) assert.equal((await scene.nodeNow(other)).spec.unschedulable, undefined);
    },
  },
  {
    name: 'queue: instance that EC2 does not know',
    proves: 'its message stays while a tag is looked for, and without that its node is drained because it is there',
    async run(scene) {
      const node = await scene.node();
      scene.aws.ec2.remove(node.instanceId);
      const strict = await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '2' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      const told = () => scene.aws.sqs.message(message.messageId);
      await scene.eventually('the message to be kept hidden', () => (told()?.visibilityChanges.length ?? 0) >= 5);
      assert.equal(told()?.receives.length, 1);
      assert.ok(!scene.isDeleted(message));
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
      await strict.stop();
      await scene.processor({ CHECK_TAG_BEFORE_DRAINING: 'false' });
      await scene.untilDone(node, message);
    },
  },
  {
    name: 'queue: duplicates',
    proves: 'the same message delivered again, and two kinds for one node, lead to one drain; all messages are deleted',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('slow', node, { endsAfterSeconds: 5, graceSeconds: 20 });
      const processor = await scene.processor();
      const first = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilCordoned(node);
      await scene.aws.sqs.deliverAgain(first.messageId);
      const second = await scene.aws.sendRebalanceRecommendation(node.instanceId);
      const third = await scene.aws.sendStateChange(node.instanceId, 'shutting-down');
      await scene.untilDrained(node);
      for (const message of [first, second, third]) await scene.untilDeleted(message);
      const evictions = (await scene.requestsOf(processor)).filter(
        ({ objectRef }) => objectRef?.subresource === 'eviction',
      );
      assert.equal(evictions.length, 1, 'the pod was evicted more than once');
    },
  },
  {
    name: 'queue: drain longer than the visibility',
    proves: 'a drain that outlasts the visibility timeout is not received a second time',
    async run(scene) {
      const node = await scene.node();
      const letGo = await scene.stuckPod('slow', node);
      await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '6' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      const changes = () => scene.aws.sqs.message(message.messageId)?.visibilityChanges.length ?? 0;
      await scene.eventually('the message to be kept invisible past its timeout', () => changes() >= 4);
      await letGo();
      await scene.untilDone(node, message);
      assert.equal(scene.aws.sqs.message(message.messageId)?.receives.length, 1);
    },
  },
  {
    name: 'queue: node not found',
    proves:
      'a message whose node is not there stays in hand, longer than it is hidden at once, unless it is to be deleted then',
    async run(scene) {
      const node = await scene.node();
      await scene.kube.remove(`/api/v1/nodes/${node.name}`);
      const patient = await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '2' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      const changes = () => scene.aws.sqs.message(message.messageId)?.visibilityChanges.length ?? 0;
      await scene.eventually('the message to be kept invisible past its timeout', () => changes() >= 4);
      assert.equal(scene.aws.sqs.message(message.messageId)?.receives.length, 1);
      assert.ok(!scene.isDeleted(message));
      await patient.stop();
      await scene.processor({ DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' });
      await scene.untilDeleted(message);
      scene.nodes.length = 0;
    },
  },
  {
    name: 'queue: twenty at once',
    proves: 'a burst cordons every node before the drains are over, asks EC2 few times and deletes every message once',
    async run(scene) {
      const nodes = await Promise.all(Array.from({ length: 20 }, async () => scene.node()));
      await scene.deployment('web', { replicas: 40, endsAfterSeconds: 2, graceSeconds: 20 });
      await scene.processor();
      const messages = await Promise.all(
        nodes.map(async ({ instanceId }) => scene.aws.sendSpotInterruption(instanceId)),
      );
      await Promise.all(nodes.map(async (node) => scene.untilDrained(node, 90_000)));
      await Promise.all(messages.map(async (message) => scene.untilDeleted(message, 90_000)));
      await scene.mustHold('event lost', 'message deleted', 'done twice');
      assert.ok(scene.aws.calls('ec2', 'DescribeInstances').length <= 10);
      for (const { messageId } of messages) assert.equal(scene.aws.sqs.message(messageId)?.receives.length, 1);
    },
  },
];
