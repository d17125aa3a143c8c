import assert from 'node:assert/strict';
import type { Scenario } from '../run.ts';

/** Lifecycle hooks of Auto Scaling groups. */
export const lifecycleScenarios: readonly Scenario[] = [
  {
    name: 'lifecycle: termination, each way',
    proves: 'the hook is completed with CONTINUE for EventBridge, direct and SNS-wrapped messages, each then deleted',
    async run(scene) {
      const group = scene.hook();
      const nodes = [await scene.node({ group }), await scene.node({ group }), await scene.node({ group })];
      await scene.deployment('web', { replicas: 3 });
      await scene.processor();
      const ways = [{ via: 'eventbridge' }, { via: 'direct' }, { via: 'direct', throughSns: true }] as const;
      const sent = await Promise.all(nodes.map(async (node, i) => scene.terminate(node, ways[i])));
      for (const one of sent) {
        const { result } = await scene.untilCompleted(one);
        assert.equal(result, 'CONTINUE');
        await scene.untilDeleted(one);
      }
      for (const node of nodes) {
        const { spec } = await scene.nodeNow(node);
        assert.ok(spec.taints?.some(({ key }) => key === 'aws-node-termination-handler/asg-lifecycle-termination'));
      }
      assert.deepEqual(scene.aws.autoScaling.refused(), []);
    },
  },
  {
    name: 'lifecycle: completed after the drain',
    proves: 'the hook is completed only when the last pod is gone, and the message deleted only after that',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('slow', node, { endsAfterSeconds: 5, graceSeconds: 20 });
      await scene.processor();
      const sent = await scene.terminate(node);
      const { endedAt = 0 } = await scene.untilCompleted(sent);
      await scene.untilDeleted(sent);
      const removedAt = await scene.removedAt('slow');
      assert.ok(endedAt >= removedAt, `completed ${removedAt - endedAt} ms before the pod was gone`);
      assert.ok((scene.aws.sqs.message(sent.messageId)?.deletedAt ?? 0) >= endedAt);
    },
  },
  {
    name: 'lifecycle: not completed while a pod hangs',
    proves: 'a drain that cannot end leaves the hook waiting and the message in the queue, and says that it is overdue',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('stuck', node, { hangs: true, graceSeconds: 2 });
      const processor = await scene.processor({
        NODE_TERMINATION_GRACE_PERIOD: '4',
        SQS_MSG_VISIBILITY_TIMEOUT_SEC: '3',
      });
      const sent = await scene.terminate(node);
      await processor.says(/takes longer than 4 s/);
      assert.equal(scene.action(sent).state, 'waiting');
      assert.ok(!scene.isDeleted(sent));
      await scene.kube.remove(scene.podPath('stuck'), { gracePeriodSeconds: '0' });
      const { result } = await scene.untilCompleted(sent, 60_000);
      assert.equal(result, 'CONTINUE');
    },
  },
  {
    name: 'lifecycle: heartbeats',
    proves:
      'with HEARTBEAT_INTERVAL=auto a drain longer than the hook’s timeout keeps it waiting, and they stop with it',
    async run(scene) {
      // Two heartbeats in a row may be late by as much as half of it on a machine that has much to do.
      const node = await scene.node({ group: scene.hook(8) });
      const letGo = await scene.stuckPod('slow', node);
      await scene.processor({ HEARTBEAT_INTERVAL: 'auto', HEARTBEAT_UNTIL: '120' });
      const sent = await scene.terminate(node);
      const beats = () => scene.action(sent).history.filter(({ what }) => what === 'heartbeat').length;
      await scene.eventually('heartbeats for longer than the timeout', () => beats() >= 3);
      await letGo();
      const { history, result } = await scene.untilCompleted(sent);
      assert.equal(result, 'CONTINUE');
      assert.equal(history.at(-1)?.what, 'completed');
    },
  },
  {
    name: 'lifecycle: completion delayed',
    proves: 'COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS puts that much time between the drain’s end and the completion',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('web', node);
      await scene.processor({ COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '4' });
      const sent = await scene.terminate(node);
      const { endedAt = 0 } = await scene.untilCompleted(sent);
      const laterMs = endedAt - (await scene.removedAt('web'));
      assert.ok(laterMs >= 4000, `${laterMs} ms`);
    },
  },
  {
    name: 'lifecycle: already completed',
    proves: 'a hook that somebody else has completed is no failure: the message is deleted',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('slow', node, { endsAfterSeconds: 3, graceSeconds: 20 });
      await scene.processor();
      const sent = await scene.terminate(node);
      await scene.untilCordoned(node);
      const { group, name } = sent.action.hook;
      const key = { group, hook: name, instanceId: node.instanceId, token: undefined };
      scene.aws.autoScaling.findWaiting(key)?.complete('CONTINUE');
      await scene.untilDeleted(sent);
    },
  },
  {
    name: 'lifecycle: launch',
    proves:
      'a launch hook is completed when the node is Ready, and its message is not received over and over till then',
    async run(scene) {
      const group = scene.hook(300, 'LAUNCHING');
      const node = await scene.node({ group, notReady: true });
      await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '6' });
      const [sent] = await scene.aws.sendLifecycleLaunch(node.instanceId);
      if (sent === undefined) throw new Error('no lifecycle action was started');
      const changes = () => scene.aws.sqs.message(sent.messageId)?.visibilityChanges.length ?? 0;
      await scene.eventually('the message to be kept invisible past its timeout', () => changes() >= 4);
      assert.equal(scene.action(sent).state, 'waiting');
      await scene.kube.patch(`/api/v1/nodes/${node.name}`, {
        metadata: { annotations: { 'control-plane/not-ready': null } },
      });
      assert.equal((await scene.untilCompleted(sent)).result, 'CONTINUE');
      await scene.untilDeleted(sent);
      assert.equal(scene.aws.sqs.message(sent.messageId)?.receives.length, 1);
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
    },
  },
];
