import assert from 'node:assert/strict';
import { kindOfCall } from '../audit.ts';
import { coveredCalls } from '../contract/run-contract.ts';
import { gate, goingNode, SETTINGS, untilAllDone } from '../going.ts';
import type { Scenario } from '../run.ts';
import { applyClusterRole, chartRules } from '../world.ts';
import { writtenOn } from '../written.ts';

/** Rights, restarts, rotations, and several programs for one node. */
export const resilienceScenarios: readonly Scenario[] = [
  {
    name: 'rbac: no more than the chart’s rules',
    proves: 'both programs did all their work with exactly the rules of their charts: not one request was refused',
    async run(scene) {
      const node = await scene.node();
      const other = await scene.node();
      const web = await scene.deployment('web', { replicas: 2 });
      await scene.budget('web-budget', web, { minAvailable: 0 });
      const settings = {
        EXCLUDE_FROM_LOAD_BALANCERS: 'true',
        ENABLE_OUT_OF_SERVICE_TAINT: 'true',
      };
      const agent = await scene.agent(node, settings);
      const processor = await scene.processor(settings);
      scene.spotNotice(node);
      const message = await scene.aws.sendSpotInterruption(other.instanceId);
      await scene.untilDone(node, message);
      await agent.stop();
      await processor.stop();
      for (const program of [agent, processor]) {
        const requests = await scene.requestsOf(program);
        assert.ok(requests.length > 5);
        const refused = requests.filter(
          ({ responseStatus }) => responseStatus?.code === 403 || responseStatus?.code === 401,
        );
        assert.deepEqual(
          refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`),
          [],
        );
        const calls = new Set(requests.map(kindOfCall));
        const uncovered = [...calls].filter((call) => !coveredCalls.has(call));
        assert.deepEqual(uncovered, [], 'calls that no contract test covers');
      }
    },
  },
  {
    name: 'rbac: a missing rule is named',
    proves:
      'without a right the log says which verb on which resource is missing, and nothing is lost: given back, the drain ends',
    async run(scene) {
      const rules = await chartRules('queue-processor');
      const role = `e2e-${scene.id}`;
      await applyClusterRole(
        scene.world.plane,
        role,
        rules.replace('resources: [pods/eviction]', 'resources: [pods/none]'),
      );
      const node = await scene.node();
      await scene.pod('web', node);
      const processor = await scene.processor(
        { SQS_MSG_VISIBILITY_TIMEOUT_SEC: '3', NODE_TERMINATION_GRACE_PERIOD: '10' },
        role,
      );
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await processor.says(/create.{0,40}pods\/eviction/);
      await applyClusterRole(scene.world.plane, role, rules);
      await scene.untilDone(node, message, 60_000);
    },
  },
  {
    name: 'rotation of the token',
    proves: 'a token that is replaced and refused in the middle of a drain is read again, and the drain goes on',
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 2 });
      const budget = await scene.budget('gate', web, { minAvailable: 2 });
      const processor = await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '110' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await processor.says(/gate/);
      await scene.accountOf(processor).rotateToken();
      const from = new Date().toISOString();
      // The server's own cache lets the old token through for ten seconds; what comes after that is the new one's.
      await scene.eventually('the old token to have died', () => Date.now() - Date.parse(from) > 12_000);
      await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
      await scene.untilDone(node, message, 60_000);
    },
  },
  {
    name: 'two agents for one node',
    proves: 'two agents that see the same notice drain the node once',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('slow', node, { endsAfterSeconds: 4, graceSeconds: 20 });
      const first = await scene.agent(node);
      const second = await scene.agent(node);
      scene.spotNotice(node);
      await scene.untilDrained(node);
      const evictions = (await Promise.all([first, second].map((program) => scene.requestsOf(program))))
        .flat()
        .filter(
          ({ objectRef, responseStatus }) => objectRef?.subresource === 'eviction' && responseStatus?.code === 201,
        );
      assert.ok(evictions.length >= 1);
      const { taints = [] } = (await scene.nodeNow(node)).spec;
      assert.equal(taints.filter(({ key }) => key === 'aws-node-termination-handler/spot-itn').length, 1);
    },
  },
  {
    name: 'both programs for one node',
    proves:
      'the agent and the queue processor may see the same interruption: the node is drained and the message deleted',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('slow', node, { endsAfterSeconds: 4, graceSeconds: 20 });
      await scene.agent(node);
      await scene.processor();
      scene.spotNotice(node);
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message);
    },
  },
  {
    name: 'SIGTERM in the middle',
    proves: 'a queue processor that is told to stop hands back what it cannot finish, and its successor finishes it',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      const web = await scene.deployment('web', { replicas: 2 });
      const budget = await scene.budget('gate', web, { minAvailable: 2 });
      const first = await scene.processor();
      const sent = await scene.terminate(node);
      await first.says(/gate/);
      assert.equal(await first.stop(), 0);
      assert.equal(scene.action(sent).state, 'waiting');
      assert.ok(!scene.isDeleted(sent));
      await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
      await scene.processor();
      await scene.untilDrained(node, 60_000);
      await scene.untilCompleted(sent, 60_000);
      await scene.untilDeleted(sent);
    },
  },
  {
    name: 'SIGKILL in the middle',
    proves:
      'after a queue processor died at work, the next one finds the message again and finishes; the hook is completed once',
    async run(scene) {
      const node = await scene.node({ group: scene.hook() });
      await scene.pod('slow', node, { endsAfterSeconds: 6, graceSeconds: 20 });
      const first = await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '3' });
      const sent = await scene.terminate(node);
      await scene.eventually('the pod to be told to end', () => scene.pods.of('slow')?.toldToEndAt !== undefined);
      await first.kill();
      await scene.processor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '3' });
      await scene.untilCompleted(sent, 90_000);
      await scene.untilDeleted(sent, 60_000);
      assert.equal(scene.aws.autoScaling.refused().length, 0);
    },
  },
  {
    name: 'restart of the API server',
    proves: 'an API server that restarts in the middle of a drain delays it, and nothing is lost',
    alone: true,
    async run(scene) {
      const node = await scene.node();
      const web = await scene.deployment('web', { replicas: 3 });
      const budget = await scene.budget('gate', web, { minAvailable: 3 });
      const processor = await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '100' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await processor.says(/gate/);
      await scene.world.plane.restartApiServer({ signal: 'SIGKILL', downMs: 1500 });
      await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
      await scene.untilDone(node, message, 90_000);
    },
    timeoutMs: 240_000,
  },
  {
    name: 'etcd stalled',
    proves: 'an API server that hangs for seconds is waited for, and the notice that came meanwhile is acted on',
    alone: true,
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      const agent = await scene.agent(node);
      scene.world.plane.pauseEtcd();
      try {
        scene.spotNotice(node);
        await agent.says(/spot-itn-/);
        const from = Date.now();
        await scene.eventually('six seconds to pass', () => Date.now() - from > 6000);
      } finally {
        scene.world.plane.resumeEtcd();
      }
      await scene.untilDrained(node, 90_000);
    },
    timeoutMs: 240_000,
  },
  {
    name: 'an older state restored',
    proves:
      'when the API server is restored from before the cordon, marks and record come again, pods go again, and no hook is early',
    alone: true,
    timeoutMs: 240_000,
    async run(scene) {
      const group = scene.hook();
      const [draining, drained] = [await goingNode(scene, group), await goingNode(scene, group)];
      const open = await gate(scene, draining);
      const processor = await scene.processor({ ...SETTINGS, NODE_TERMINATION_GRACE_PERIOD: '110' });
      const restore = await scene.world.plane.keepState();
      const spot = await scene.aws.sendSpotInterruption(drained.node.instanceId);
      await scene.untilDone(drained.node, spot);
      const sent = await scene.terminate(draining.node);
      await scene.eventually('the first pod to go', () => scene.pods.of(draining.quick)?.goneAt !== undefined);
      await restore();
      for (const { node } of [draining, drained]) {
        // The server that comes back knows no rights yet, and a list of nodes that fails is tried again after a pause.
        await scene.untilCordoned(node, 60_000);
        await scene.eventually('the record to be there again', async () => {
          return writtenOn(await scene.nodeNow(node)).entries.length === 1;
        });
      }
      assert.equal(scene.action(sent).state, 'waiting');
      await open();
      await scene.untilDrained(drained.node, 60_000);
      await untilAllDone(scene, draining.node, sent);
      const evictions = (await scene.requestsOf(processor)).filter(
        ({ objectRef, responseStatus }) => objectRef?.subresource === 'eviction' && responseStatus?.code === 201,
      );
      const evictionsOf = (pod: string) => evictions.filter(({ objectRef }) => objectRef?.name === pod).length;
      assert.deepEqual([drained.quick, drained.slow, draining.quick].map(evictionsOf), [2, 2, 2]);
    },
  },
];
