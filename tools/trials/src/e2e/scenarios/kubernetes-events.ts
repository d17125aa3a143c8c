import assert from 'node:assert/strict';
import { freePort } from '../../program.ts';
import type { Scenario } from '../run.ts';
import type { Scene } from '../scene.ts';
import { required } from '../stage.ts';

/** Waits until kubectl shows an event of a node or pod, with its type, reason and message on one line. */
function createDescribe(scene: Scene) {
  const { world, namespace } = scene;
  return async (kind: 'node' | 'pod', name: string, line: RegExp, timeoutMs?: number): Promise<void> => {
    let shown = '';
    const look = async (): Promise<boolean> => {
      const described = await world.plane.kubectl(['describe', kind, name, `--namespace=${namespace}`]);
      // What is gone cannot be described any more; its events are there.
      const listed = ['events', `--for=${kind}/${name}`, `--namespace=${namespace}`];
      const { stdout } = described.code === 0 ? described : await world.plane.kubectl(listed);
      const events = stdout.split('\n').map((text) => text.trim().replaceAll(/\s+/g, ' '));
      shown = events.slice(events.indexOf('Events:') + 1).join('\n');
      return events.some((text) => line.test(text));
    };
    try {
      await scene.eventually(`kubectl describe ${kind} ${name} to show ${line.source}`, look, timeoutMs);
    } catch (error) {
      throw new Error(`it shows:\n${shown}`, { cause: error });
    }
  };
}

/** A Kubernetes event about a pod. */
interface PodEvent {
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

/** What Kubernetes events say on nodes and pods. */
export const kubernetesEventScenarios: readonly Scenario[] = [
  {
    name: 'events: on the node and the pod',
    proves:
      'kubectl describe node shows what was done and why, with the instance’s annotations; each evicted pod has its event',
    async run(scene) {
      const node = await scene.node();
      await scene.pod('web', node);
      await scene.agent(node, {
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
    name: 'events: kubectl describe tells the story',
    proves:
      'kubectl describe of nodes and pods shows a good drain, a pod hurried, one past its budget, one lost, a dismissed event and a node given back, each in its own words; warnings where something was lost',
    timeoutMs: 400_000,
    async run(scene) {
      const describe = createDescribe(scene);
      const good = await scene.node();
      const hurried = await scene.node();
      const past = await scene.node();
      const lost = await scene.node();
      const dismissed = await scene.node();
      const returned = await scene.node();
      await Promise.all([
        scene.pod('good', good),
        scene.pod('hurried', hurried, { graceSeconds: 90, endsAfterSeconds: 8 }),
        scene.pod('past', past, { graceSeconds: 4 }),
        scene.pod('lost', lost),
        scene.pod('dismissed', dismissed),
        scene.pod('returned', returned),
      ]);
      for (const name of ['past', 'lost']) await scene.budget(name, { labels: { app: name } }, { minAvailable: 1 });

      const first = await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '20' });
      const notices = await Promise.all([
        ...[good, hurried, past].map(({ instanceId }) => scene.aws.sendSpotInterruption(instanceId)),
        scene.aws.sendRebalanceRecommendation(dismissed.instanceId),
      ]);
      await describe('pod', 'hurried', /Warning PodEviction .*Pod evicted due to node drain with \d+ s of grace left/);
      for (const [index, node] of [good, hurried, past, dismissed].entries())
        await scene.untilDone(node, required(notices[index]), 90_000);
      await describe('pod', 'good', /Normal PodEviction .*Pod evicted due to node drain \(node/);
      await describe('node', good.name, /Normal SpotInterruption /);
      await describe(
        'node',
        good.name,
        /Normal CordonAndDrain .*Node successfully cordoned and drained after \d+ s, \d+ s before the instance goes; pods: 1 evicted/,
      );
      await describe('node', hurried.name, /Warning CordonAndDrain .*1 evicted with less than their grace/);
      await describe('node', past.name, /Normal EvictionRefused .*disruption budget past refuses/);
      await describe(
        'pod',
        'past',
        /Warning PodEviction .*Pod deleted with [1-4] s of grace left before the instance goes away: disruption budget past had refused/,
      );
      await describe('node', past.name, /Warning CordonAndDrain .*1 deleted past a disruption budget/);
      const uncordon = await scene.world.plane.kubectl(['uncordon', dismissed.name]);
      assert.equal(uncordon.code, 0, uncordon.stderr);
      await describe('node', dismissed.name, /Normal CancelDrain .*a person made the node schedulable/);
      await first.stop();

      const imds = await scene.metadata(returned);
      const planned = (State: 'active' | 'canceled') =>
        imds.setScheduledEvents([
          {
            Code: 'system-reboot',
            Description: 'scheduled reboot',
            EventId: 'instance-event-1',
            State,
            NotBefore: new Date(Date.now() + 3_600_000),
            NotAfter: new Date(Date.now() + 7_200_000),
          },
        ]);
      planned('active');
      const agent = await scene.agent(returned);
      await scene.untilDrained(returned);
      planned('canceled');
      await scene.untilSchedulable(returned);
      await describe('node', returned.name, /Normal ScheduledEvent /);
      await describe(
        'node',
        returned.name,
        /Normal Uncordon .*Node successfully uncordoned: its source says that it is over/,
      );
      await agent.stop();

      await scene.processor({ POD_DEADLINE_POLICY: 'respect' });
      await scene.aws.sendSpotInterruption(lost.instanceId);
      await describe('node', lost.name, /Normal EvictionRefused .*disruption budget lost refuses/);
      await scene.kube.remove(`/api/v1/nodes/${lost.name}`);
      await describe(
        'pod',
        'lost',
        /Warning PodEviction .*Pod lost with its node: nothing had told it to end/,
        120_000,
      );
    },
  },
];
