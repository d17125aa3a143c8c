import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { putMarks, untilGivenBack } from '../predecessor.ts';
import type { Predecessor } from '../predecessor.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene, Settings } from '../scene.ts';
import { writtenOn } from '../written.ts';

const PREFIX = 'aws-node-termination-handler';
const MINUTE_MS = 60_000;

const reboot = (id: string, startsInMs: number, State: 'active' | 'completed' = 'active') => ({
  EventId: id,
  Code: 'system-reboot' as const,
  State,
  NotBefore: new Date(Date.now() + startsInMs),
  NotAfter: new Date(Date.now() + startsInMs + 60 * MINUTE_MS),
  Description: 'scheduled reboot',
});

/** Runs an agent on a host that has been up for so long. */
async function agentOn(scene: Scene, node: SceneNode, upSeconds: number, settings: Settings = {}) {
  const uptime = `${scene.directory}-uptime-${scene.nodes.indexOf(node)}`;
  await writeFile(uptime, `${upSeconds}.00 1.00\n`);
  return scene.agent(node, { UPTIME_FROM_FILE: uptime, ...settings });
}

/** What an agent finds: a reboot's drain begun, a reboot behind it, and a reboot that is waited for. */
function agentGoesOn(by: Predecessor): Scenario {
  return {
    name: `upgrade: the agent, after ${by}`,
    proves: `the agent goes on in the drain, the wait and the reboot in which ${by} stopped: nothing is lost, the node given back after its boot`,
    async run(scene) {
      const [draining, rebooted, waiting] = [await scene.node(), await scene.node(), await scene.node()];
      await scene.pod('left', draining, { endsAfterSeconds: 1 });
      await scene.pod('later', waiting);
      await putMarks(scene, draining, { by, taint: 'scheduled-maintenance', id: 'reboot-1', rebootSince: Date.now() });
      const rebootSince = Date.now() - 60 * MINUTE_MS;
      await putMarks(scene, rebooted, { by, taint: 'scheduled-maintenance', id: 'reboot-2', rebootSince });
      // A claim that nobody can see alive is believed for half of the time that is left.
      (await scene.metadata(draining)).setScheduledEvents([reboot('reboot-1', 20_000)]);
      (await scene.metadata(rebooted)).setScheduledEvents([reboot('reboot-2', -30 * MINUTE_MS)]);
      (await scene.metadata(waiting)).setScheduledEvents([reboot('reboot-3', 40_000)]);
      const [first] = await Promise.all([
        agentOn(scene, draining, 360_000),
        agentOn(scene, rebooted, 30),
        agentOn(scene, waiting, 360_000, { SCHEDULED_EVENT_LEAD_TIME: '30s' }),
      ]);

      await scene.eventually('the wait to be recorded', async () => {
        const { entries } = writtenOn(await scene.nodeNow(waiting));
        return entries.some(({ progress }) => progress === 'waiting');
      });
      await untilGivenBack(scene, rebooted);
      await scene.untilDrained(draining);
      assert.equal(writtenOn(await scene.nodeNow(draining)).cordon?.ours, true);
      const { taints = [] } = (await scene.nodeNow(draining)).spec;
      assert.ok(
        taints.some(({ key }) => key === `${PREFIX}/scheduled-maintenance`),
        JSON.stringify(taints),
      );
      await scene.untilDrained(waiting);
      assert.equal((await scene.nodeNow(rebooted)).spec.unschedulable, undefined);

      await first.kill();
      (await scene.metadata(draining)).setScheduledEvents([reboot('reboot-1', 0, 'completed')]);
      await agentOn(scene, draining, 0);
      await untilGivenBack(scene, draining);
    },
  };
}

/** How a running drain, a wait near and far are gone on with. */
export const upgradeScenarios: readonly Scenario[] = [
  {
    name: 'upgrade: the queue processor',
    proves:
      'the queue processor goes on in the drains and the waits in which earlier programs stopped: hooks completed once, nothing lost',
    async run(scene) {
      const [old, go] = [await scene.node(), await scene.node({ group: scene.hook() })];
      const [near, far] = [await scene.node(), await scene.node()];
      await scene.pod('left', old, { endsAfterSeconds: 1 });
      await scene.pod('left-too', go, { endsAfterSeconds: 1 });
      await scene.pod('later', near);
      // A claim that nobody can see alive is believed for half of the time that is left.
      const spot = await scene.aws.sendSpotInterruption(old.instanceId, { time: new Date(Date.now() - 80_000) });
      const action = await scene.terminate(go);
      await putMarks(scene, old, { by: 'the version before', taint: 'spot-itn', id: `spot-itn-event-${spot.eventId}` });
      const id = `asg-lifecycle-term-${action.eventId}`;
      await putMarks(scene, go, { by: 'the Go handler', taint: 'asg-lifecycle-termination', id });
      const inMs = (ms: number) => ({ startTime: new Date(Date.now() + ms) });
      const soon = await scene.aws.sendHealthEvent([near.instanceId], inMs(70_000));
      const late = await scene.aws.sendHealthEvent([far.instanceId], inMs(180 * MINUTE_MS));
      await scene.processor({ SCHEDULED_EVENT_LEAD_TIME: '60s', SQS_MSG_VISIBILITY_TIMEOUT_SEC: '5' });

      for (const node of [near, far])
        await scene.eventually('the wait to be recorded', async () => {
          const { entries } = writtenOn(await scene.nodeNow(node));
          return entries.some(({ progress }) => progress === 'waiting');
        });
      await scene.untilDeleted(late);
      await scene.untilDone(go, action);
      const { history, result } = await scene.untilCompleted(action);
      assert.equal(result, 'CONTINUE');
      assert.equal(history.filter(({ what }) => what === 'completed').length, 1);
      await scene.untilDone(old, spot);
      // What names its event is ours; a bare cordon may be anybody's, and is left to them.
      assert.equal(writtenOn(await scene.nodeNow(old)).cordon?.ours, true);
      assert.equal(writtenOn(await scene.nodeNow(go)).cordon?.ours, false);
      await scene.untilDone(near, soon);
      assert.equal((await scene.nodeNow(far)).spec.unschedulable, undefined);
      assert.deepEqual(scene.aws.autoScaling.refused(), []);
      await scene.mustHold('hook early');
    },
  },
  agentGoesOn('the version before'),
  agentGoesOn('the Go handler'),
];
