import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { Scenario } from '../run.ts';

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
      const { resourceVersion } = (await scene.nodeNow(node)).metadata;
      node.imds?.setScheduledEvents([scheduled('done', { State: 'completed' })]);
      const polled = node.imds?.requests().length ?? 0;
      await scene.eventually(
        'the agent to look twice more',
        () =>
          (node.imds?.requests() ?? []).slice(polled).filter(({ path }) => path.endsWith('/maintenance/scheduled'))
            .length > 1,
      );
      await agent.stop();
      assert.equal((await scene.nodeNow(node)).metadata.resourceVersion, resourceVersion);
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
  {
    name: 'metadata: uncordon after reboot',
    proves: 'after the reboot the next agent uncordons the node, removes its marks and ignores the same event',
    async run(scene) {
      const node = await scene.node();
      const uptime = `${scene.world.plane.directory}/uptime-${scene.id}`;
      await writeFile(uptime, '360000.00 1.00\n');
      const first = await scene.agent(node, { UPTIME_FROM_FILE: uptime });
      node.imds?.setScheduledEvents([scheduled('reboot-me')]);
      await scene.eventually('the label to come', async () => {
        const { labels } = (await scene.nodeNow(node)).metadata;
        return labels?.['aws-node-termination-handler/action'] === 'UncordonAfterReboot';
      });
      await first.kill();
      // The labels tell whole seconds: the reboot must not be in the same one.
      await scene.eventually('a second to pass', async () => {
        const { labels } = (await scene.nodeNow(node)).metadata;
        return Date.now() / 1000 - Number(labels?.['aws-node-termination-handler/action-time']) > 2;
      });
      await writeFile(uptime, '0.50 0.10\n');
      const second = await scene.agent(node, { UPTIME_FROM_FILE: uptime });
      await scene.untilSchedulable(node);
      await second.says(/uncordon/i);
      const polled = node.imds?.requests().length ?? 0;
      await scene.eventually(
        'the agent to look again',
        () =>
          (node.imds?.requests() ?? []).slice(polled).filter(({ path }) => path.endsWith('/maintenance/scheduled'))
            .length > 1,
      );
      await second.stop();
      const { metadata, spec } = await scene.nodeNow(node);
      assert.equal(spec.unschedulable, undefined);
      assert.ok(!Object.keys(metadata.labels ?? {}).some((key) => key.startsWith('aws-node-termination-handler/')));
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
