import assert from 'node:assert/strict';
import { lifecycleEvent, readAt, readList, spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { startMetadataMock } from '../judges/metadata-mock.ts';
import { RECORD } from '../forgery.ts';
import { callAutoScaling, startMoto } from '../judges/moto.ts';
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

/** What our groups and moto's are asked alike, and the fields of the answers that both must agree on. */
function describesOf(group: string, instanceId: string) {
  const ofGroup = { AutoScalingGroupName: group };
  const ofInstance = ['InstanceId', 'InstanceType', 'AvailabilityZone', 'LifecycleState', 'ProtectedFromScaleIn'];
  const ofPool = ['PoolState', 'ReuseOnScaleIn'];
  const ofHook = ['LifecycleHookName', 'AutoScalingGroupName', 'LifecycleTransition', 'HeartbeatTimeout'];
  return [
    ['DescribeLifecycleHooks', ofGroup, [...ofHook, 'DefaultResult']],
    ['DescribeWarmPool', ofGroup, ofPool],
    [
      'DescribeAutoScalingGroups',
      { 'AutoScalingGroupNames.member.1': group },
      [...ofPool, ...ofInstance, 'HealthStatus'],
    ],
    ['DescribeAutoScalingInstances', { 'InstanceIds.member.1': instanceId }, ['AutoScalingGroupName', ...ofInstance]],
  ] as const;
}

/** The texts of an answer's elements of these names, in their order. */
function textsOf(xml: string, names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const texts = (name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
  return Object.fromEntries(names.map((name) => [name, texts(name)]));
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
  {
    name: 'judge: moto’s Auto Scaling',
    proves:
      'our groups describe hooks, pools and instances as moto’s do, and the queue processor reads from moto how long a hook waits',
    timeoutMs: 300_000,
    async run(scene) {
      const moto = await startMoto(scene);
      const [name, hook] = [`group-${scene.id}`, 'drain'];
      const instanceId = await moto.createGroup({ name, hook, timeoutSeconds: 120 });
      const { autoScaling, ec2, url } = scene.aws;
      const transition = 'autoscaling:EC2_INSTANCE_TERMINATING';
      autoScaling.putHook({
        name: hook,
        group: name,
        transition,
        heartbeatTimeoutSeconds: 120,
        defaultResult: 'CONTINUE',
      });
      autoScaling.putGroup({ name, pool: { state: 'Stopped', reusesOnScaleIn: true } });
      ec2.put({ instanceId, availabilityZone: `${moto.region}a`, instanceType: 'm6i.large' });
      autoScaling.attach(instanceId, name);
      for (const [action, parameters, names] of describesOf(name, instanceId)) {
        const [theirs = '', ours = ''] = await Promise.all(
          [moto.url, url].map((endpoint) => callAutoScaling(endpoint, action, parameters)),
        );
        const answer = textsOf(theirs, names);
        assert.ok(
          Object.values(answer).every((texts) => texts.length > 0),
          `${action}: ${theirs}`,
        );
        assert.deepEqual(textsOf(ours, names), answer, action);
      }

      const queueUrl = await moto.createQueue(`queue-${scene.id}`);
      const node = await scene.node({ instanceId });
      await scene.pod('web', node);
      await scene.processor({
        ...{ AWS_ENDPOINT: moto.url, AWS_REGION: moto.region, QUEUE_URL: queueUrl },
        CHECK_TAG_BEFORE_DRAINING: 'false',
      });
      const [action] = autoScaling.scaleIn(instanceId);
      assert.ok(action);
      await moto.send(queueUrl, JSON.stringify(lifecycleEvent(action)));
      await scene.untilDrained(node);
      const record = String((await scene.nodeNow(node)).metadata.annotations?.[RECORD]);
      assert.deepEqual(
        readList(JSON.parse(record), 'entries').map((entry) => [
          readAt(entry, 'end', 'kind'),
          readAt(entry, 'end', 'timeoutMs'),
        ]),
        [['held', 120_000]],
      );
    },
  },
];
