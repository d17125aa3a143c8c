import assert from 'node:assert/strict';
import type { SentMessage } from '@node-termination-handler/sandbox';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';

const HOUR_MS = 3_600_000;

/** Uncordons a node, as a person does. */
async function uncordonByHand(scene: Scene, node: SceneNode): Promise<void> {
  await scene.kube.patch(`/api/v1/nodes/${node.name}`, { spec: { unschedulable: null } });
}

/** Announces a maintenance that is far, and whose time to act comes in some seconds. */
async function planned(
  scene: Scene,
  node: SceneNode,
  actInMs: number,
): Promise<{ readonly message: SentMessage; readonly actAt: number }> {
  const actAt = Date.now() + actInMs;
  const message = await scene.aws.sendHealthEvent([node.instanceId], { startTime: new Date(actAt + 2 * HOUR_MS) });
  return { message, actAt };
}

/** What stands on a node outlives messages and processes. */
export const recordScenarios: readonly Scenario[] = [
  {
    name: 'record: stopped, and started again',
    proves: 'an instance that was stopped and runs again gives its node back, with all its marks',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      await scene.processor();
      scene.aws.ec2.setState(node.instanceId, 'stopping');
      await scene.untilDone(node, await scene.aws.sendStateChange(node.instanceId, 'stopping'));
      scene.aws.ec2.put({
        instanceId: node.instanceId,
        privateDnsName: node.privateDnsName,
        availabilityZone: node.zone,
        tags: { 'aws-node-termination-handler/managed': 'true' },
        // EC2 tells whole seconds, and no instance stops and starts within one; this drain may take less.
        launchTime: new Date(Date.now() + 1_000),
      });
      const running = await scene.aws.sendStateChange(node.instanceId, 'running');
      await scene.untilSchedulable(node);
      await scene.untilDeleted(running);
      await scene.mustHold('marks and record agree', 'event lost', 'done twice');
    },
  },
  {
    name: 'record: a person uncordons',
    proves:
      'a recommendation is dismissed by a person who uncordons, and a termination that follows drains all the same',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('first', node);
      await scene.processor();
      await scene.untilDone(node, await scene.aws.sendRebalanceRecommendation(node.instanceId));
      // Whoever sees it first notes it: a queue processor of another scenario, too.
      await uncordonByHand(scene, node);
      await scene.eventually(
        'the taint to go',
        async () => ((await scene.nodeNow(node)).spec.taints ?? []).length === 0,
      );
      await scene.pod('second', node);
      const sent = await scene.terminate(node);
      await scene.untilCompleted(sent);
      await scene.untilDone(node, sent);
      await scene.mustHold('marks and record agree', 'event lost', 'hook early');
    },
  },
  {
    name: 'record: a wait without its message',
    proves: 'a far event needs no message once it is noted on its node: another process acts when its time comes',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const settings = { SCHEDULED_EVENT_LEAD_TIME: '2h' };
      const first = await scene.processor(settings);
      const { message, actAt } = await planned(scene, node, 8_000);
      await scene.untilDeleted(message);
      await first.kill();
      await scene.mustHold('event lost');
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
      await scene.processor(settings);
      await scene.untilDrained(node);
      assert.ok((scene.pods.of('web')?.toldToEndAt ?? 0) >= actAt, 'drained before its time');
      await scene.mustHold('marks and record agree', 'event lost');
    },
  },
];
