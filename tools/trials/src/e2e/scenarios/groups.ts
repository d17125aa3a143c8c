import assert from 'node:assert/strict';
import type { Scenario } from '../run.ts';
import type { Scene } from '../scene.ts';
import type { SceneNode } from '../scene-node.ts';

const GROUP = 'workers';

function putHook({ aws }: Scene, name: string, what: 'TERMINATING' | 'LAUNCHING', heartbeatTimeoutSeconds = 300): void {
  const transition = `autoscaling:EC2_INSTANCE_${what}` as const;
  aws.autoScaling.putHook({ name, group: GROUP, transition, heartbeatTimeoutSeconds });
}

/** A group with a hook each way, which tells its actions itself. */
function putGroup(scene: Scene, pool?: 'Running'): void {
  putHook(scene, 'drain', 'TERMINATING');
  putHook(scene, 'join', 'LAUNCHING');
  const warm = pool === undefined ? {} : { pool: { state: pool, reusesOnScaleIn: true } };
  scene.aws.autoScaling.putGroup({ name: GROUP, sendsEvents: true, ...warm });
}

const stateOf = ({ aws }: Scene, { instanceId }: SceneNode) => aws.autoScaling.instance(instanceId)?.lifecycleState;

/** In service as its group sees it, and as the scheduler does. */
async function untilInService(scene: Scene, node: SceneNode): Promise<void> {
  await scene.eventually('the group to have the instance in service', () => stateOf(scene, node) === 'InService');
  const { spec } = await scene.nodeNow(node);
  const taints = spec.taints?.map(({ key }) => key).filter((key) => key.startsWith('aws-node-termination-handler/'));
  // The hook is completed after the node was given back, so that it is at this moment.
  assert.deepEqual([spec.unschedulable ?? false, taints ?? []], [false, []]);
}

const untilQueueIsEmpty = (scene: Scene): Promise<void> =>
  scene.eventually('the messages to be deleted', () => scene.aws.sqs.messages().every(({ deletedAt }) => deletedAt));

/** What Auto Scaling groups do with their instances: warm pools, root volumes, several hooks. */
export const groupScenarios: readonly Scenario[] = [
  {
    name: 'groups: into the warm pool and out of it',
    proves:
      'the node is drained on the way in, and takes pods again before the group has the instance in service, each time',
    async run(scene) {
      putGroup(scene, 'Running');
      const node = await scene.node({ group: GROUP });
      await scene.processor();
      for (let round = 1; round <= 3; round += 1) {
        await scene.pod(`web-${round}`, node);
        scene.aws.autoScaling.scaleIn(node.instanceId);
        await scene.eventually('the instance to be in the pool', () => stateOf(scene, node) === 'Warmed:Running');
        await scene.untilDrained(node);
        scene.aws.autoScaling.scaleOut(node.instanceId);
        await untilInService(scene, node);
        await untilQueueIsEmpty(scene);
      }
      assert.ok(
        scene.aws.autoScaling.actions().every(({ state, result }) => state === 'completed' && result === 'CONTINUE'),
      );
      assert.deepEqual(scene.aws.autoScaling.refused(), []);
    },
  },
  {
    name: 'groups: two hooks, one of them ours',
    proves: 'the other owner’s hook is neither completed nor kept alive, and holds neither the drain nor our hook',
    async run(scene) {
      putHook(scene, 'nth-drain', 'TERMINATING');
      putHook(scene, 'ship-logs', 'TERMINATING');
      scene.aws.autoScaling.putGroup({ name: GROUP, sendsEvents: true });
      const node = await scene.node({ group: GROUP });
      await scene.pod('web', node);
      await scene.processor({ LIFECYCLE_HOOK_NAMES: 'nth-*', HEARTBEAT_INTERVAL: 'auto' });
      const actions = scene.aws.autoScaling.scaleIn(node.instanceId);
      const [ours, theirs] = ['nth-drain', 'ship-logs'].map((name) => actions.find(({ hook }) => hook.name === name));
      assert.ok(ours && theirs);
      assert.equal((await scene.untilCompleted({ action: ours })).result, 'CONTINUE');
      await untilQueueIsEmpty(scene);
      const left = scene.action({ action: theirs });
      assert.deepEqual([left.state, left.history.map(({ what }) => what)], ['waiting', ['started']]);
      assert.equal((await scene.podsOn(node)).length, 0);
    },
  },
  {
    name: 'groups: a hook whose drain fails is abandoned',
    proves:
      'LIFECYCLE_RESULT_ON_FAILURE=abandon is given before the end, and no budget is broken for an instance that its group retains',
    async run(scene) {
      putHook(scene, 'drain', 'TERMINATING', 8);
      scene.aws.autoScaling.putGroup({ name: GROUP, retains: true, sendsEvents: true });
      const node = await scene.node({ group: GROUP });
      await scene.pod('held', node, { labels: { app: 'held' } });
      await scene.budget('held', { labels: { app: 'held' } }, { minAvailable: 1 });
      const processor = await scene.processor({ LIFECYCLE_RESULT_ON_FAILURE: 'abandon' });
      const [action] = scene.aws.autoScaling.scaleIn(node.instanceId);
      assert.ok(action);
      assert.equal((await scene.untilCompleted({ action })).result, 'ABANDON');
      assert.equal(stateOf(scene, node), 'Terminating:Retained');
      await processor.says(/it gets ABANDON \(LIFECYCLE_RESULT_ON_FAILURE\)/);
      assert.equal((await scene.podsOn(node)).length, 1);
    },
  },
  {
    name: 'groups: another root volume',
    proves:
      'the node is drained before its root volume is replaced, and takes pods again when the group has it in service',
    async run(scene) {
      putGroup(scene);
      const node = await scene.node({ group: GROUP });
      await scene.pod('web', node);
      await scene.processor();
      scene.aws.autoScaling.replaceRootVolume(node.instanceId);
      const begun = () => scene.aws.autoScaling.actions().length === 2;
      await scene.eventually('the instance to come back with another volume', begun);
      assert.equal((await scene.podsOn(node)).length, 0);
      await untilInService(scene, node);
      await untilQueueIsEmpty(scene);
    },
  },
  {
    name: 'groups: an instance that never joined',
    proves: 'the hook of an instance that ended before it was a node is completed, and nothing is drained for it',
    async run(scene) {
      putHook(scene, 'drain', 'TERMINATING');
      const other = await scene.node({ group: GROUP });
      await scene.pod('web', other);
      await scene.processor();
      const instanceId = 'i-0aaaaaaaaaaaaaaa1';
      scene.aws.ec2.put({ instanceId, tags: { 'aws-node-termination-handler/managed': 'true' } });
      scene.aws.autoScaling.attach(instanceId, GROUP);
      scene.aws.ec2.setState(instanceId, 'shutting-down');
      const [sent] = await scene.aws.sendLifecycleTermination(instanceId);
      assert.ok(sent);
      assert.equal((await scene.untilCompleted(sent)).result, 'CONTINUE');
      await scene.untilDeleted(sent);
      assert.equal((await scene.podsOn(other)).length, 1);
      assert.equal((await scene.nodeNow(other)).spec.unschedulable, undefined);
    },
  },
];
