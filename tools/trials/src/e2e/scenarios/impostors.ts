import assert from 'node:assert/strict';
import { nodePath, own, whileClaiming } from '../forgery.ts';
import type { Scenario } from '../run.ts';

/** What somebody can make the programs do who takes the name of an instance, or of a process of theirs; docs/security.md has the table. */
export const impostorScenarios: readonly Scenario[] = [
  ...([undefined, 'our Lease'] as const).map((lease): Scenario => ({
    name: `attack: claim rewritten for ever, ${lease ?? 'no Lease'}`,
    proves: 'claims in the name of nobody hold a drain up for half of the time left, once, however often they come',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const processor = await scene.processor();
      await scene.eventually('the Lease to be read', async () =>
        (await scene.requestsOf(processor)).some(({ objectRef }) => objectRef?.resource === 'leases'),
      );
      await whileClaiming(scene, node, lease && `release-${scene.id}`, async () => {
        // Ten seconds are left of the two minutes.
        const time = new Date(Date.now() - 110_000);
        const message = await scene.aws.sendSpotInterruption(node.instanceId, { time });
        await scene.untilDone(node, message);
      });
    },
  })),
  {
    name: 'attack: another instance’s names',
    proves: 'a kubelet that takes the host name and label of another instance leads nobody away from that one’s node',
    async run(scene) {
      const victim = await scene.node({ group: scene.hook() });
      const thief = await scene.node({ withoutProviderId: true });
      await scene.pod('web', victim);
      const labels = {
        'kubernetes.io/hostname': victim.privateDnsName,
        'alpha.eksctl.io/instance-id': victim.instanceId,
      };
      await scene.kubelet(thief).patch(nodePath(thief), { metadata: { labels } });
      await scene.processor();
      const sent = await scene.terminate(victim);
      await scene.untilDone(victim, sent);
      await scene.untilCompleted(sent);
      assert.equal((await scene.nodeNow(thief)).spec.unschedulable, undefined);
    },
  },
  {
    name: 'attack: another instance’s provider id',
    proves: 'of two nodes that claim one instance both are drained, and its hook waits for both',
    async run(scene) {
      const victim = await scene.node({ group: scene.hook() });
      const thief = await scene.node({ withoutProviderId: true });
      await scene.pod('web', victim);
      await scene.pod('slow', thief, { endsAfterSeconds: 4, graceSeconds: 20 });
      const providerID = `aws:///${victim.zone}/${victim.instanceId}`;
      await scene.kubelet(thief).patch(nodePath(thief), { spec: { providerID } });
      await scene.processor();
      const sent = await scene.terminate(victim);
      const { endedAt = 0 } = await scene.untilCompleted(sent);
      for (const node of [victim, thief]) await scene.untilDrained(node);
      assert.ok(endedAt >= (await scene.removedAt('slow')), 'the hook did not wait for both');
      await scene.untilDeleted(sent);
    },
  },
  {
    name: 'attack: a beat in our place',
    proves: 'a replica whose beat somebody overwrites stops and gives its messages back; another one does the work',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('slow', node, { endsAfterSeconds: 5, graceSeconds: 20 });
      const first = await scene.processor();
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.eventually('the pod to be told to end', () => scene.pods.of('slow')?.toldToEndAt !== undefined);
      const { user } = scene.accountOf(first);
      const pod = user.slice(user.lastIndexOf(':') + 1);
      const beat = { holder: `node-termination-handler/${pod}`, incarnation: 'forged', count: 1 };
      const lease = `/apis/coordination.k8s.io/v1/namespaces/node-termination-handler/leases/release-${scene.id}`;
      const thief = scene.as(user, 'system:serviceaccounts');
      await thief.patch(lease, { metadata: { annotations: { [`beat.${own}/${pod}`]: JSON.stringify(beat) } } });
      await first.says(/another process has the name of this one/);
      await scene.processor();
      await scene.untilDone(node, message, 60_000);
    },
  },
];
