import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { isWrite } from '../audit.ts';
import { untilSettled } from '../going.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

const scheduled = (id: string, more: object = {}) => ({
  EventId: id,
  Code: 'system-reboot' as const,
  State: 'active' as const,
  NotBefore: inSeconds(3600),
  NotAfter: inSeconds(7200),
  Description: 'scheduled reboot',
  ...more,
});

/** Waits until the agent has looked at the scheduled events so many times more. */
function looks(scene: Scene, node: SceneNode, times: number): Promise<void> {
  const polls = () => node.imds?.requests().filter(({ path }) => path.endsWith('/maintenance/scheduled')).length ?? 0;
  const before = polls();
  return scene.eventually(`the agent to look ${times} times more`, () => polls() >= before + times);
}

/** The reboot that an event announced has come: the node is given back, whatever it is known by. */
function afterReboot(name: string, by: string, comesUp: (scene: Scene, node: SceneNode) => Promise<void>): Scenario {
  return {
    name: `metadata: uncordon after reboot, ${name}`,
    proves: `after the reboot, known by ${by}, the next agent uncordons the node, removes its marks and ignores the same event`,
    async run(scene) {
      const node = await scene.node();
      const uptime = `${scene.world.plane.directory}/uptime-${scene.id}`;
      await writeFile(uptime, '360000.00 1.00\n');
      if (name === 'by boot id') await scene.boot(node);
      const first = await scene.agent(node, { UPTIME_FROM_FILE: uptime });
      const start = inSeconds(4);
      node.imds?.setScheduledEvents([scheduled('reboot-me', { NotBefore: start })]);
      await scene.eventually('the label to come', async () => {
        const { labels } = (await scene.nodeNow(node)).metadata;
        return labels?.['aws-node-termination-handler/action'] === 'UncordonAfterReboot';
      });
      await untilSettled(scene, node);
      await first.kill();
      await scene.eventually('the start to be over', () => Date.now() > start.getTime() + 1000);
      await comesUp(scene, node);
      await writeFile(uptime, '0.50 0.10\n');
      const second = await scene.agent(node, { UPTIME_FROM_FILE: uptime });
      // Whoever reads the node first gives it back: a queue processor of another scenario, too.
      await scene.untilSchedulable(node);
      await looks(scene, node, 1);
      await second.stop();
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, undefined);
      await scene.mustHold('marks and record agree');
    },
  };
}

/** What the agent does with the documents of its own node's metadata. */
export const metadataScenarios: readonly Scenario[] = [
  {
    name: 'metadata: spot notice',
    proves: 'a spot notice cordons, taints and drains the node before its instance goes, and tells the webhook',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 3 });
      const agent = await scene.agent(node);
      const before = await scene.nodeNow(node);
      scene.spotNotice(node);
      await scene.untilDrained(node);
      const { spec } = await scene.nodeNow(node);
      const taint = spec.taints?.find(({ key }) => key === 'aws-node-termination-handler/spot-itn');
      assert.equal(taint?.effect, 'NoSchedule');
      assert.match(taint.value ?? '', /^spot-itn-[0-9a-f]+$/);
      assert.equal(before.spec.unschedulable, undefined);
      const [delivery] = await scene.delivered(1);
      assert.match(delivery?.body ?? '', /"text":"\[NTH\]\[Instance Interruption\] EventID: spot-itn-/);
      const gone = scene.pods.all().filter(({ goneAt }) => goneAt !== undefined);
      assert.ok(gone.length >= 3);
      for (const life of gone) assert.equal(life.disruption, 'EvictionByEvictionAPI');
      assert.equal(await agent.stop(), 0);
    },
  },
  {
    name: 'metadata: rebalance cordons',
    proves: 'a rebalance recommendation only cordons by default when it is watched; the pods stay',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 2 });
      const agent = await scene.agent(node, { ENABLE_REBALANCE_MONITORING: 'true' });
      node.imds?.setRebalance(new Date());
      await scene.untilCordoned(node);
      await agent.stop();
      assert.equal((await scene.podsOn(node)).length, 2);
    },
  },
  {
    name: 'metadata: rebalance drains',
    proves: 'with ENABLE_REBALANCE_DRAINING a rebalance recommendation empties the node',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 2 });
      await scene.agent(node, { ENABLE_REBALANCE_DRAINING: 'true' });
      node.imds?.setRebalance(new Date());
      await scene.untilDrained(node);
    },
  },
  {
    name: 'metadata: rebalance, then spot',
    proves: 'a node cordoned for a rebalance is drained when the spot notice follows',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 2 });
      await scene.agent(node, { ENABLE_REBALANCE_MONITORING: 'true' });
      node.imds?.setRebalance(new Date());
      await scene.untilCordoned(node);
      assert.equal((await scene.podsOn(node)).length, 2);
      scene.spotNotice(node);
      await scene.untilDrained(node);
    },
  },
  {
    name: 'metadata: scheduled event, active',
    proves: 'an active scheduled event drains at once and leaves the label that uncordons after the reboot',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 2 });
      await scene.agent(node);
      node.imds?.setScheduledEvents([scheduled('instance-event-1')]);
      await scene.untilDrained(node);
      const { metadata, spec } = await scene.nodeNow(node);
      assert.equal(metadata.labels?.['aws-node-termination-handler/action'], 'UncordonAfterReboot');
      assert.equal(metadata.labels['aws-node-termination-handler/event-id'], 'instance-event-1');
      assert.match(metadata.labels['aws-node-termination-handler/action-time'] ?? '', /^\d{10}$/);
      assert.ok(spec.taints?.some(({ key }) => key === 'aws-node-termination-handler/scheduled-maintenance'));
    },
  },
  {
    name: 'metadata: scheduled event, later',
    proves: 'with a lead time nothing happens to the node before that time has come',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 1 });
      const agent = await scene.agent(node, { SCHEDULED_EVENT_LEAD_TIME: '30s' });
      node.imds?.setScheduledEvents([scheduled('far', { NotBefore: inSeconds(3600) })]);
      await agent.says(/far/);
      node.imds?.setScheduledEvents([
        scheduled('far', { NotBefore: inSeconds(3600) }),
        scheduled('near', { NotBefore: inSeconds(32) }),
      ]);
      await scene.untilDrained(node);
      const { metadata } = await scene.nodeNow(node);
      assert.equal(metadata.labels?.['aws-node-termination-handler/event-id'], 'near');
    },
  },
  {
    name: 'metadata: scheduled event, cancelled',
    proves: 'a cancelled event gives the node back: uncordoned, its own taint and labels gone, the user’s left',
    async run(scene) {
      const user = { key: 'example.com/user', value: 'a', effect: 'PreferNoSchedule' };
      const node = await scene.node({ taints: [user], labels: { 'example.com/user': 'x' } });
      await scene.agent(node);
      node.imds?.setScheduledEvents([scheduled('cancel-me')]);
      await scene.untilCordoned(node);
      node.imds?.setScheduledEvents([scheduled('cancel-me', { State: 'canceled' })]);
      await scene.untilSchedulable(node);
      await scene.eventually('its marks to be gone', async () => {
        const { metadata, spec } = await scene.nodeNow(node);
        const labels = Object.keys(metadata.labels ?? {}).filter((key) =>
          key.startsWith('aws-node-termination-handler'),
        );
        return labels.length === 0 && JSON.stringify(spec.taints) === JSON.stringify([user]);
      });
      assert.equal((await scene.nodeNow(node)).metadata.labels?.['example.com/user'], 'x');
    },
  },
  {
    name: 'metadata: scheduled event, completed',
    proves: 'an event that is already completed touches nothing',
    async run(scene) {
      const node = await scene.node();
      const agent = await scene.agent(node);
      node.imds?.setScheduledEvents([scheduled('done', { State: 'completed' })]);
      await looks(scene, node, 2);
      await agent.stop();
      assert.deepEqual((await scene.requestsOf(agent)).filter(isWrite), []);
    },
  },
  {
    name: 'metadata: cordoned by somebody else',
    proves: 'a node that was cordoned before stays cordoned when the event is cancelled',
    async run(scene) {
      const node = await scene.node();
      await scene.kube.patch(`/api/v1/nodes/${node.name}`, { spec: { unschedulable: true } });
      await scene.agent(node);
      const taint = 'aws-node-termination-handler/scheduled-maintenance';
      const tainted = async () => (await scene.nodeNow(node)).spec.taints?.some(({ key }) => key === taint) ?? false;
      node.imds?.setScheduledEvents([scheduled('not-mine')]);
      await scene.eventually('the taint to come', tainted);
      node.imds?.setScheduledEvents([]);
      await scene.eventually('the taint to go', async () => !(await tainted()));
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, true);
    },
  },
  afterReboot('by boot id', 'the node’s boot id', (scene, node) => scene.boot(node)),
  afterReboot('by uptime', 'the uptime of the host alone', () => Promise.resolve()),
  {
    name: 'metadata: a reboot before its event',
    proves: 'an event whose start is ahead survives a reboot that is not its own, and ends with its source',
    async run(scene) {
      const node = await scene.node();
      await scene.boot(node);
      const first = await scene.agent(node);
      node.imds?.setScheduledEvents([scheduled('days-ahead')]);
      await untilSettled(scene, node);
      await first.kill();
      await scene.boot(node);
      await scene.agent(node);
      await looks(scene, node, 2);
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, true);
      node.imds?.setScheduledEvents([]);
      await scene.untilSchedulable(node);
      await scene.mustHold('marks and record agree');
    },
  },
  {
    name: 'metadata: target lifecycle state',
    proves: 'an instance that its group ends drains its node, when the agent is told to watch for that',
    async run(scene) {
      const node = await scene.node();
      await scene.deployment('web', { replicas: 2 });
      await scene.agent(node, { ENABLE_ASG_LIFECYCLE_DRAINING: 'true' });
      node.imds?.setLifecycleState('InService');
      node.imds?.setLifecycleState('Terminated');
      await scene.untilDrained(node);
      const { spec } = await scene.nodeNow(node);
      assert.ok(spec.taints?.some(({ key }) => key === 'aws-node-termination-handler/asg-lifecycle-termination'));
    },
  },
];
