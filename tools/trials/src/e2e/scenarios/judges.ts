import assert from 'node:assert/strict';
import { spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { startMetadataMock } from '../judges/metadata-mock.ts';
import { startMoto } from '../judges/moto.ts';
import type { Scenario } from '../run.ts';

const inSeconds = (seconds: number) => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;

/** An agent that reads the Amazon EC2 metadata mock in place of our own metadata service. */
function mockScenario(
  what: string,
  args: () => readonly string[],
  settings: Readonly<Record<string, string>>,
  taint: string,
): Scenario {
  return {
    name: `judge: metadata mock, ${what}`,
    proves: `the agent understands the Amazon EC2 metadata mock's ${what}, with IMDSv2 required, as it does our own`,
    timeoutMs: 300_000,
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const mock = await startMetadataMock(scene, node, [...args(), '--imdsv2']);
      await scene.agent(node, { INSTANCE_METADATA_URL: mock.url, ...settings });
      await scene.untilDrained(node);
      const { taints = [] } = (await scene.nodeNow(node)).spec;
      assert.ok(
        taints.some(({ key }) => key === `aws-node-termination-handler/${taint}`),
        JSON.stringify(taints),
      );
    },
  };
}

/** The same behaviour on endpoints that others wrote. */
export const judgeScenarios: readonly Scenario[] = [
  mockScenario('spot notice', () => ['spot', '--action=terminate', `--time=${inSeconds(120)}`], {}, 'spot-itn'),
  mockScenario(
    'rebalance recommendation',
    () => ['spot', '--mock-delay-sec=3600', `--rebalance-rec-time=${inSeconds(0)}`],
    { ENABLE_REBALANCE_DRAINING: 'true', ENABLE_SPOT_INTERRUPTION_DRAINING: 'false' },
    'rebalance-recommendation',
  ),
  mockScenario(
    'scheduled event',
    () => ['events', '--code=system-reboot', '--state=active'],
    {},
    'scheduled-maintenance',
  ),
  mockScenario(
    'target lifecycle state',
    () => ['asglifecycle'],
    { ENABLE_ASG_LIFECYCLE_DRAINING: 'true' },
    'asg-lifecycle-termination',
  ),
  {
    name: 'judge: moto',
    proves: 'the queue processor works with an SQS and an EC2 that are not ours: found, drained, deleted',
    timeoutMs: 300_000,
    async run(scene) {
      const moto = await startMoto(scene);
      const queueUrl = await moto.createQueue(`queue-${scene.id}`);
      const instance = await moto.runInstance({ 'aws-node-termination-handler/managed': 'true' });
      const foreign = await moto.runInstance({});
      const node = await scene.node(instance);
      const other = await scene.node(foreign);
      await scene.pod('web', node);
      await scene.processor({ AWS_ENDPOINT: moto.url, AWS_REGION: moto.region, QUEUE_URL: queueUrl });
      for (const { instanceId } of [foreign, instance]) {
        await moto.send(queueUrl, JSON.stringify(spotInterruptionEvent(instanceId)));
      }
      await scene.untilDrained(node);
      await scene.eventually('the queue to be empty', async () => (await moto.depth(queueUrl)) === 0);
      assert.equal((await scene.nodeNow(other)).spec.unschedulable, undefined);
    },
  },
];
