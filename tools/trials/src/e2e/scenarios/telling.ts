import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { buildComponents } from '@node-termination-handler/control-plane';
import { startProxy } from '@node-termination-handler/sandbox';
import { freePort } from '../../program.ts';
import type { Scenario } from '../run.ts';

async function promtoolAccepts(promtool: string, metrics: string): Promise<string> {
  const child = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  child.stdin.end(metrics);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number | null];
  return code === 0 ? '' : `exit ${code}: ${out}${err}`;
}

/** A Kubernetes event about a pod. */
interface PodEvent {
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

/** What users and machines are told. */
export const tellingScenarios: readonly Scenario[] = [
  {
    name: 'webhook: template, headers, proxy, file',
    proves:
      'the webhook’s own template from a file, its headers and its proxy with credentials are used; no secret is logged',
    async run(scene) {
      const node = await scene.node({ labels: { team: 'payments' } });
      await scene.pod('web', node);
      const proxy = scene.use(await startProxy({ credentials: { username: 'user', password: 'proxy-secret' } }));
      const template = `${scene.world.plane.directory}/template-${scene.id}`;
      await writeFile(template, '{"node":"{{ .NodeName }}","kind":"{{ .Kind | lower }}","id":"{{ .InstanceID }}"}');
      const agent = await scene.agent(node, {
        WEBHOOK_TEMPLATE_FILE: template,
        WEBHOOK_HEADERS: '{"Content-type":"application/json","X-Token":"header-secret"}',
        WEBHOOK_PROXY: proxy.url.replace('http://', 'http://user:proxy-secret@'),
      });
      scene.spotNotice(node);
      const [delivery] = await scene.delivered(1);
      assert.deepEqual(JSON.parse(delivery?.body ?? ''), { node: node.name, kind: 'spot_itn', id: node.instanceId });
      assert.equal(delivery?.headers['x-token'], 'header-secret');
      assert.ok(proxy.requests().some(({ authorized }) => authorized));
      await scene.untilDrained(node);
      await agent.stop();
      const log = agent.output;
      for (const secret of ['proxy-secret', 'header-secret', scene.webhook.url])
        assert.ok(!log.includes(secret), secret);
    },
  },
  {
    name: 'webhook: slow or down',
    proves:
      'a webhook that hangs delays no drain, and one that is down for a moment is tried again until it takes the message',
    async run(scene) {
      const [first, second] = [await scene.node(), await scene.node()];
      for (const node of [first, second]) await scene.pod(`web-${scene.nodes.indexOf(node)}`, node);
      const hang = scene.webhook.faults.add({ misbehaviour: { kind: 'hang' } });
      await scene.processor();
      const message = await scene.aws.sendSpotInterruption(first.instanceId);
      await scene.untilDone(first, message);
      await scene.eventually('the hanging webhook to be called', () => scene.webhook.deliveries().length > 0);
      hang();
      scene.webhook.faults.add({ times: 1, misbehaviour: { kind: 'status', status: 503 } });
      await scene.aws.sendSpotInterruption(second.instanceId);
      await scene.eventually('both messages to be taken', async () => {
        const taken = scene.webhook.deliveries().filter(({ status }) => status === 200);
        return Promise.resolve([first, second].every(({ name }) => taken.some(({ body }) => body.includes(name))));
      });
    },
  },
  {
    name: 'events: on the node and the pod',
    proves:
      'kubectl describe node shows what was done and why, with the instance’s annotations; each evicted pod has its event',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      await scene.agent(node, {
        EMIT_KUBERNETES_EVENTS: 'true',
        KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'team=payments,example.com/cost=b',
      });
      scene.spotNotice(node);
      await scene.untilDrained(node);
      await scene.eventually('the events to be there', async () => {
        const reasons = new Set((await scene.eventsOf(node)).map(({ reason }) => reason));
        return reasons.has('SpotInterruption') && (reasons.has('CordonAndDrain') || reasons.has('Cordon'));
      });
      const spot = (await scene.eventsOf(node)).find(({ reason }) => reason === 'SpotInterruption');
      const annotations = spot?.metadata.annotations ?? {};
      assert.equal(annotations['instance-id'], node.instanceId);
      assert.equal(annotations['account-id'], '123456789012');
      assert.equal(annotations.team, 'payments');
      assert.equal(annotations['example.com/cost'], 'b');
      for (const name of [
        'availability-zone',
        'instance-life-cycle',
        'instance-type',
        'local-hostname',
        'local-ipv4',
        'region',
      ]) {
        assert.ok(name in annotations, `annotation ${name} is missing`);
      }
      const { stdout } = await scene.world.plane.kubectl(['describe', 'node', node.name]);
      assert.match(stdout, /SpotInterruption/);
      const path = `/api/v1/namespaces/${scene.namespace}/events`;
      await scene.eventually('the pod’s event', async () => {
        const events = await scene.kube.list(path, { fieldSelector: 'involvedObject.name=web,reason=PodEviction' });
        return events.length === 1;
      });
    },
  },
  {
    name: 'events: what was done to pods, truly',
    proves:
      'a pod that is deleted past its budget has a warning that names the budget and its seconds, and is counted so; one that is evicted has none (E4)',
    async run(scene) {
      const node = await scene.node();
      const held = await scene.deployment('held', { replicas: 1, graceSeconds: 4 });
      await scene.budget('closed', held, { minAvailable: 1 });
      await scene.pod('free', node);
      const port = await freePort();
      await scene.processor({
        NODE_TERMINATION_GRACE_PERIOD: '14',
        EMIT_KUBERNETES_EVENTS: 'true',
        ENABLE_PROMETHEUS_SERVER: 'true',
        PROMETHEUS_SERVER_PORT: String(port),
        WEBHOOK_TEMPLATE: '{{ .NodeName }} {{ .Phase }}: {{ .Summary }}',
      });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message, 60_000);
      const said = async (): Promise<readonly string[]> => {
        const path = `/api/v1/namespaces/${scene.namespace}/events`;
        const events = await scene.kube.list<PodEvent>(path, { fieldSelector: 'reason=PodEviction' });
        const texts = events.map(({ type, involvedObject: { name }, message: text }) => `${type} ${name}: ${text}`);
        return texts.map((text) => text.replaceAll(/held-\w+-\w+/g, 'held')).toSorted();
      };
      await scene.eventually('an event on each pod', async () => (await said()).length === 2);
      const [free = '', past = ''] = await said();
      assert.equal(free, `Normal free: Pod evicted due to node drain (node ${node.name})`);
      assert.match(
        past,
        /^Warning held: Pod deleted with [1-4] s of grace left before the instance goes away: disruption budget closed had refused its eviction/,
      );
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      for (const outcome of ['evicted', 'deleted_past_budget'])
        assert.match(metrics, new RegExp(`^nth_pods_total\\{outcome="${outcome}"\\} 1$`, 'm'));
      const [told] = await scene.delivered(1);
      assert.match(told?.body ?? '', /drained: .*pods: 1 evicted, 1 deleted past a disruption budget$/);
    },
  },
  {
    name: 'metrics: as promtool accepts',
    proves: 'the metrics of both programs pass promtool check metrics, and count what was done',
    timeoutMs: 900_000,
    async run(scene) {
      const { promtool } = await buildComponents(['promtool'], { version: scene.world.plane.version });
      const node = await scene.node();
      const other = await scene.node();
      await scene.pod('web', node);
      const [agentPort, processorPort] = [await freePort(), await freePort()];
      const metrics = { ENABLE_PROMETHEUS_SERVER: 'true' };
      await scene.agent(node, { ...metrics, PROMETHEUS_SERVER_PORT: String(agentPort) });
      await scene.processor({ ...metrics, PROMETHEUS_SERVER_PORT: String(processorPort) });
      scene.spotNotice(node);
      const message = await scene.aws.sendSpotInterruption(other.instanceId);
      await scene.untilDone(node, message);
      for (const port of [agentPort, processorPort]) {
        const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        await scene.eventually('the action to be counted', async () =>
          /^actions_total\{[^}]*node_action="cordon-and-drain"[^}]*\} 1$/m.test(await scrape()),
        );
        const exposition = await scrape();
        assert.equal(await promtoolAccepts(promtool, exposition), '');
        assert.ok(!exposition.includes(node.name) && !exposition.includes(node.instanceId));
      }
    },
  },
  {
    name: 'probes: the truth about the loop',
    proves:
      'the readiness probe says when the queue cannot be polled any more, the liveness probe that the process lives',
    async run(scene) {
      const port = await freePort();
      await scene.processor({ ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: String(port) });
      const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
      await scene.eventually('to be ready', async () => (await status('/readyz')) === 200);
      assert.equal(await status('/healthz'), 200);
      await scene.aws.pause();
      await scene.eventually('the probe to notice', async () => (await status('/readyz')) !== 200, 110_000);
      assert.equal(await status('/healthz'), 200);
      await scene.aws.resume();
      await scene.eventually('the probe to recover', async () => (await status('/readyz')) === 200, 60_000);
    },
    timeoutMs: 200_000,
    long: true,
  },
];
