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
