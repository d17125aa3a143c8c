import assert from 'node:assert/strict';
import { isWrite } from '../audit.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';
import { applyClusterRole, chartRules } from '../world.ts';
import type { ProgramName } from '../../program.ts';

const SETTINGS = { EMIT_NODE_CONDITIONS: 'true' };

/** A role with what the chart grants for conditions besides. */
async function roleWithStatus({ id, world }: Scene, program: ProgramName): Promise<string> {
  const rules = await Promise.all([chartRules(program), chartRules(program, 'node-status-rules.yaml')]);
  const role = `e2e-${program}-status-${id}`;
  await applyClusterRole(world.plane, role, rules.join('\n'));
  return role;
}

async function kubectl({ world }: Scene, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await world.plane.kubectl([...args]);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stdout}${stderr}`);
}

/** As people wait for it. */
function untilCondition(scene: Scene, { name }: SceneNode, condition: string): Promise<void> {
  return kubectl(scene, 'wait', `--for=condition=${condition}`, `node/${name}`, '--timeout=60s');
}

/** The conditions of drains and maintenance, with whose they are. */
async function conditionsOf(scene: Scene, node: SceneNode): Promise<readonly string[]> {
  const { status } = await scene.nodeNow(node);
  return (status?.conditions ?? [])
    .filter(({ type }) => /^(Maintenance|Drain)/.test(type))
    .map(
      ({ type, status: is, reason = '' }) =>
        `${reason.replace(/(?<=^NodeTerminationHandler|^Kubectl).*/, '')} ${type}=${is}`,
    );
}

const OURS = (...isTrue: readonly string[]) =>
  ['DrainInProgress', 'Drained', 'MaintenanceInProgress', 'MaintenancePlanned'].map(
    (type) => `NodeTerminationHandler ${type}=${isTrue.includes(type) ? 'True' : 'False'}`,
  );

/** What nodes tell of their drains in their conditions. */
export const conditionScenarios: readonly Scenario[] = [
  {
    name: 'conditions: kubectl waits for a drain',
    proves:
      'kubectl wait --for=condition=Drained returns when the node is drained; planned, begun, drained and given back are shown in their turn, and what the kubelet says stays',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node, { endsAfterSeconds: 3 });
      await scene.agent(node, SETTINGS, await roleWithStatus(scene, 'imds-agent'));
      const event = {
        EventId: 'maintenance',
        Code: 'system-reboot' as const,
        State: 'active' as const,
        NotBefore: new Date(Date.now() + 3_600_000),
        Description: 'maintenance',
      };
      const drained = untilCondition(scene, node, 'Drained');
      node.imds?.setScheduledEvents([event]);
      await untilCondition(scene, node, 'DrainInProgress');
      assert.equal(scene.pods.of('web')?.goneAt, undefined);
      await drained;
      assert.deepEqual(await scene.podsOn(node), []);
      assert.deepEqual((await conditionsOf(scene, node)).toSorted(), OURS('Drained', 'MaintenanceInProgress'));
      await untilCondition(scene, node, 'Ready');
      node.imds?.setScheduledEvents([]);
      await scene.untilSchedulable(node);
      await scene.eventually('the conditions to go', async () => (await conditionsOf(scene, node)).length === 0);
      await untilCondition(scene, node, 'Ready');
    },
  },
  {
    name: 'conditions: through the queue',
    proves:
      'an event that waits is planned maintenance; two replicas patch the status twice for a drain between them; another’s Drained stays as it is',
    async run(scene) {
      const node = await scene.node();
      const waiting = await scene.node();
      await scene.pod('web', node);
      const role = await roleWithStatus(scene, 'queue-processor');
      const settings = { ...SETTINGS, SCHEDULED_EVENT_LEAD_TIME: '10m' };
      const programs = [await scene.processor(settings, role), await scene.processor(settings, role)];
      const theirs = { type: 'Drained', status: 'False', reason: 'KubectlUncordoned', message: 'theirs' };
      const patch = JSON.stringify({ status: { conditions: [theirs] } });
      await kubectl(scene, 'patch', 'node', waiting.name, '--subresource=status', '--type=strategic', '-p', patch);
      await scene.aws.sendHealthEvent([waiting.instanceId], { startTime: new Date(Date.now() + 7 * 86_400_000) });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await untilCondition(scene, node, 'Drained');
      await untilCondition(scene, waiting, 'MaintenancePlanned');
      await scene.untilDone(node, message);
      // Longer than a replica leaves it to the other.
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      assert.deepEqual((await conditionsOf(scene, node)).toSorted(), OURS('Drained', 'MaintenanceInProgress'));
      const planned = (await conditionsOf(scene, waiting)).toSorted();
      assert.deepEqual(planned, [
        'Kubectl Drained=False',
        ...OURS('MaintenancePlanned').filter((line) => !line.includes(' Drained=')),
      ]);
      const requests = (await Promise.all(programs.map((program) => scene.requestsOf(program)))).flat();
      // A controller that taints what is cordoned may be between look and patch: then the node is read, and patched again.
      const patches = requests.filter(
        (one) => isWrite(one) && one.requestURI.includes('/status') && one.responseStatus?.code === 200,
      );
      const of = ({ name }: SceneNode) => patches.filter(({ requestURI }) => requestURI.includes(`/${name}/`)).length;
      assert.deepEqual([of(node), of(waiting)], [2, 1]);
    },
  },
  {
    name: 'conditions: without the right',
    proves: 'a program that may not write them says so, with the rule, and drains all the same',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const processor = await scene.processor(SETTINGS);
      await processor.says(/not allowed to patch nodes\/status.*nodes show no conditions/);
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message);
      await processor.says(/not allowed to patch nodes\/status.*conditions of nodes cannot be written/);
      // Programs of other scenarios see the node too, and may.
      const asked = (await scene.requestsOf(processor)).filter(({ requestURI }) => requestURI.includes('/status'));
      assert.ok(asked.length > 0);
      assert.ok(asked.every(({ responseStatus }) => responseStatus?.code === 403));
    },
  },
];
