import assert from 'node:assert/strict';
import { startProxy } from '@node-termination-handler/sandbox';
import type { Scenario } from '../run.ts';

/** A name of AWS that the proxy alone can look up. */
const AWS = 'http://aws.internal.test';

/** How the programs reach what is outside of the cluster. */
export const connectionScenarios: readonly Scenario[] = [
  {
    name: 'proxy: the only way to AWS',
    proves:
      'behind a proxy that alone knows AWS’s name both programs do all of their work: SQS, EC2 and Auto Scaling go through it, metadata and API server do not',
    async run(scene) {
      const { aws } = scene;
      const proxy = scene.use(await startProxy({ names: { 'aws.internal.test': aws.url } }));
      const behind = { AWS_ENDPOINT: AWS, HTTP_PROXY: proxy.url };
      const group = scene.hook();
      const [polled, own] = [await scene.node({ group }), await scene.node({ group })];
      for (const node of [polled, own]) await scene.pod(`web-${scene.nodes.indexOf(node)}`, node);

      const QUEUE_URL = new URL(new URL(aws.queueUrl).pathname, AWS).href;
      const processor = await scene.processor({ ...behind, QUEUE_URL });
      const sent = await scene.terminate(polled);
      assert.equal((await scene.untilCompleted(sent)).result, 'CONTINUE');
      await scene.untilDeleted(sent);
      await processor.stop();
      const services = () => [...new Set(aws.calls().map(({ service }) => service))].sort();
      assert.deepEqual(services(), ['autoscaling', 'ec2', 'sqs']);

      const before = aws.calls('autoscaling').length;
      const agent = await scene.agent(own, {
        ...behind,
        AWS_REGION: aws.region,
        AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
        ENABLE_ASG_LIFECYCLE_DRAINING: 'true',
        COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true',
      });
      aws.autoScaling.scaleIn(own.instanceId);
      own.imds?.setLifecycleState('Terminated');
      const isCompleted = () =>
        aws.autoScaling
          .actions()
          .some(({ instanceId, state }) => instanceId === own.instanceId && state === 'completed');
      await scene.eventually('the agent to complete its action', isCompleted);
      await agent.stop();
      assert.ok(aws.calls('autoscaling').length > before);

      // The proxy's own log: every call of AWS, and nothing else.
      const targets = proxy.requests().map(({ target }) => target);
      assert.deepEqual([...new Set(targets)], [`${AWS}/`]);
      assert.equal(targets.length, aws.calls().length);
      assert.ok((own.imds?.requests().length ?? 0) > 0);
    },
  },
];
