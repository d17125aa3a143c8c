import { pod, podDisruptionBudget, startProxy } from '@node-termination-handler/sandbox';
import type { KubernetesObject } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../program.ts';
import { eventually, getNode, NODE, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

const imds = () => world.sandbox.imdsOf(NODE);
const spotNotice = () => imds().setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
const scheduled = (State: 'active' | 'canceled') =>
  imds().setScheduledEvents([
    {
      Code: 'system-reboot',
      Description: 'scheduled reboot',
      EventId: 'instance-event-1',
      State,
      NotBefore: new Date(Date.now() + 3_600_000),
      NotAfter: new Date(Date.now() + 7_200_000),
    },
  ]);
const isDrained = () => eventually(() => expect(podNames(world)).toEqual([]));
const events = (): readonly KubernetesObject[] => world.sandbox.kubernetes.list({ kind: 'Event' });
const reasons = () => events().map(({ reason }) => reason);
const deliveries = () => world.sandbox.webhook.deliveries();

describe('the webhook', () => {
  it('is told of each phase that is asked for', async () => {
    world.imdsAgent({
      WEBHOOK_EVENTS: 'received,cordoned,drained,cancelled,uncordoned',
      WEBHOOK_TEMPLATE: '{{ .Kind }} {{ .EventID }} {{ .NodeName }}{{ range .Pods }} {{ . }}{{ end }}',
    });
    scheduled('active');
    await eventually(() => expect(deliveries()).toHaveLength(3));
    expect(deliveries().map(({ body }) => body)).toEqual([
      `SCHEDULED_EVENT instance-event-1 ${NODE}`,
      `SCHEDULED_EVENT instance-event-1 ${NODE}`,
      `SCHEDULED_EVENT instance-event-1 ${NODE} web-1`,
    ]);
    scheduled('canceled');
    await eventually(() => expect(deliveries()).toHaveLength(5));
  });

  it('is told once, at the end, when nothing else is asked for', async () => {
    world.queueProcessor({
      WEBHOOK_TEMPLATE:
        '{{ .AccountId }} {{ .InstanceLifeCycle }} {{ .LocalHostname }} {{ .IsManaged }} {{ .Monitor }}',
    });
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await queueIsEmpty(world);
    await eventually(() => expect(deliveries()).toHaveLength(1));
    expect(deliveries()[0]?.body).toBe(`${world.sandbox.aws.accountId} spot ${NODE} true SQS_MONITOR`);
  });

  it('goes through a proxy that asks for a name and a password', async () => {
    await using proxy = await startProxy({ credentials: { username: 'us er', password: 's3cret/p@ss' } });
    const url = new URL(proxy.url);
    url.username = 'us er';
    url.password = 's3cret/p@ss';
    const program = world.imdsAgent({ WEBHOOK_PROXY: url.href });
    spotNotice();
    await eventually(() => expect(deliveries()).toHaveLength(1));
    expect(proxy.requests()).toMatchObject([{ authorized: true }]);
    expect(program.output).not.toMatch(/s3cret|c3NlY3JldA/);
  });

  it('that fails leaks no secret into logs, error texts, Kubernetes events or metrics', async () => {
    await using proxy = await startProxy({ credentials: { username: 'user', password: 'right' } });
    const port = await freePort();
    const secrets = ['T0PS3CRET', 'H1DDENH34DER', 'pr0xyPassw0rd', 'T3MPLATET0KEN'];
    const url = new URL(proxy.url);
    url.username = 'user';
    url.password = 'pr0xyPassw0rd';
    const program = world.imdsAgent({
      WEBHOOK_URL: `${world.sandbox.webhook.url}/services/T0PS3CRET`,
      WEBHOOK_HEADERS: '{"Authorization":"Bearer H1DDENH34DER"}',
      WEBHOOK_TEMPLATE: '{"token":"T3MPLATET0KEN","id":"{{ .EventID }}"}',
      WEBHOOK_PROXY: url.href,
      EMIT_KUBERNETES_EVENTS: 'true',
      ENABLE_PROMETHEUS_SERVER: 'true',
      PROMETHEUS_SERVER_PORT: String(port),
      LOG_LEVEL: 'debug',
    });
    spotNotice();
    await isDrained();
    await eventually(() => expect(program.output).toContain('webhook'));
    await eventually(() => expect(reasons()).toContain('CordonAndDrain'));
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await program.stop();
    expect(proxy.requests().some(({ authorized }) => !authorized)).toBe(true);
    for (const secret of secrets) {
      expect(program.output).not.toContain(secret);
      expect(JSON.stringify(events())).not.toContain(secret);
      expect(metrics).not.toContain(secret);
    }
  });
});

describe('Kubernetes events', () => {
  it('say on the node what happened to it and why, with the metadata and the annotations of the user', async () => {
    world.imdsAgent({
      EMIT_KUBERNETES_EVENTS: 'true',
      KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'first=annotation,region=of-the-user',
    });
    scheduled('active');
    await eventually(() => expect(reasons()).toContain('CordonAndDrain'));
    scheduled('canceled');
    await eventually(() => expect(reasons()).toContain('Uncordon'));
    expect([...new Set(reasons())].sort()).toEqual([
      'CancelDrain',
      'CordonAndDrain',
      'PodEviction',
      'PreDrain',
      'ScheduledEvent',
      'Uncordon',
    ]);
    const drained = events().find(({ reason }) => reason === 'CordonAndDrain');
    expect(drained).toMatchObject({
      type: 'Normal',
      message: expect.stringMatching(/^Node successfully cordoned and drained after \d+ s, .*; pods: 1 evicted$/),
      source: { component: 'aws-node-termination-handler', host: NODE },
      involvedObject: { kind: 'Node', name: NODE, uid: getNode(world).metadata.uid },
    });
    const { instance } = imds();
    expect(drained?.metadata.annotations).toMatchObject({
      first: 'annotation',
      region: 'of-the-user',
      'instance-id': world.instanceId,
      'account-id': instance.accountId,
      'local-hostname': NODE,
      'instance-life-cycle': 'spot',
    });
    expect(Object.keys(drained?.metadata.annotations ?? {})).toEqual(
      expect.arrayContaining(['availability-zone', 'instance-type', 'local-ipv4', 'public-hostname', 'public-ipv4']),
    );
    const evicted = events().find(({ reason }) => reason === 'PodEviction');
    expect(evicted).toMatchObject({
      message: `Pod evicted due to node drain (node ${NODE})`,
      involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'default' },
      metadata: { namespace: 'default', annotations: { node: NODE } },
    });
  });

  it('of a thousand pods that one budget holds are one, with their number, however often each is asked', async () => {
    const { kubernetes } = world.sandbox;
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: '100%' }));
    for (let number = 0; number < 1_000; number += 1)
      kubernetes.put(pod({ name: `held-${number}`, node: NODE, owner: 'ReplicaSet', labels: { app: 'web' } }));
    const program = world.imdsAgent({ EMIT_KUBERNETES_EVENTS: 'true' });
    spotNotice();
    const refusals = () =>
      kubernetes.requests().filter(({ subresource, code }) => subresource === 'eviction' && code === 429);
    await eventually(() => {
      expect(new Set(refusals().map(({ path }) => path)).size).toBe(1_001);
      expect(refusals().length).toBeGreaterThan(2_000);
    });
    await program.stop();
    const held = events().filter(({ reason }) => reason === 'EvictionRefused');
    expect(held).toMatchObject([
      {
        type: 'Normal',
        // The one of all tests, too.
        count: 1_001,
        message: 'Pods stay, and are asked again: disruption budget web refuses',
        involvedObject: { kind: 'Node', name: NODE },
      },
    ]);
    // What the node has to say beside.
    expect(events().length).toBeLessThan(10);
    const writes = kubernetes.requests().filter(({ resource, verb }) => resource === 'events' && verb !== 'get');
    expect(writes.length).toBeLessThan(30);
  }, 120_000);

  it('say that a monitor fails again and again, once', async () => {
    const program = world.imdsAgent({ EMIT_KUBERNETES_EVENTS: 'true', METADATA_TRIES: '1' });
    await eventually(() => expect(program.output).toContain('Started monitoring for events'));
    const heal = imds().faults.add({
      matches: ({ path }) => path.endsWith('spot/instance-action'),
      misbehaviour: { kind: 'status', status: 500 },
    });
    await eventually(() => expect(reasons()).toEqual(['MonitorError']));
    expect(events()[0]).toMatchObject({
      type: 'Warning',
      message: "There was a problem monitoring for events in monitor 'SPOT_ITN_MONITOR'",
      involvedObject: { kind: 'Node', name: NODE },
    });
    heal();
    await eventually(() => expect(program.output).toContain('monitoring for events works again'));
    expect(reasons()).toEqual(['MonitorError']);
  });

  it('of the queue processor say it of its own node, and carry the metadata of the instance that goes', async () => {
    world.queueProcessor({ EMIT_KUBERNETES_EVENTS: 'true', NODE_NAME: NODE });
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await queueIsEmpty(world);
    await eventually(() => expect(reasons()).toEqual(expect.arrayContaining(['SpotInterruption', 'PostDrain'])));
    expect(events().find(({ reason }) => reason === 'PostDrain')?.metadata.annotations).toMatchObject({
      'account-id': world.sandbox.aws.accountId,
      'instance-id': world.instanceId,
      'instance-life-cycle': 'spot',
      'local-hostname': NODE,
      region: world.sandbox.aws.region,
    });
    await world.sandbox.aws.pause();
    await eventually(() => expect(reasons()).toContain('MonitorError'));
    await world.sandbox.aws.resume();
  });
});

describe('a dry run', () => {
  it.each(['imds-agent', 'queue-processor'] as const)(
    'of %s says in every line and message what would be done, and claims no deed (P7)',
    async (name) => {
      const settings = {
        DRY_RUN: 'true',
        EMIT_KUBERNETES_EVENTS: 'true',
        LOG_LEVEL: 'debug',
        WEBHOOK_EVENTS: 'received,cordoned,drained,failed,overdue,cancelled,uncordoned',
        WEBHOOK_TEMPLATE: '{{ .Outcome }}|{{ .Summary }}',
      };
      const program = name === 'imds-agent' ? world.imdsAgent(settings) : world.queueProcessor(settings);
      if (name === 'imds-agent') {
        scheduled('active');
        await eventually(() => expect(deliveries().length).toBeGreaterThanOrEqual(3));
        scheduled('canceled');
        await eventually(() => expect(program.output).toContain('Node would have been uncordoned'));
        spotNotice();
        await eventually(() => expect(deliveries().length).toBeGreaterThanOrEqual(8));
      } else {
        await world.sandbox.aws.sendSpotInterruption(world.instanceId);
        await world.sandbox.aws.sendLifecycleTermination(world.instanceId);
        await world.sandbox.aws.sqs.send('no event');
        await eventually(() => expect(program.output).toContain('message would be deleted'));
        await eventually(() => expect(deliveries().length).toBeGreaterThanOrEqual(3));
      }
      await program.stop();
      const claims =
        /\b(?:successfully|deleted:|evicted|completed|Requesting|Draining the node)\b|^message deleted|it was (?:cordoned|replaced)/;
      expect(program.log.map(({ message }) => message).filter((message) => claims.test(message))).toEqual([]);
      expect(deliveries().filter(({ body }) => !/^dry-run\|.*dry run: nothing is done/.test(body))).toEqual([]);
      expect([events(), podNames(world), specOf(world).unschedulable]).toEqual([[], ['web-1'], undefined]);
      const reads = new Set(['ReceiveMessage', 'GetQueueAttributes']);
      const written = world.sandbox.aws.calls('sqs').filter(({ action }) => !reads.has(action));
      expect(written.map(({ action }) => action)).toEqual([]);
    },
  );
});

describe('logs', () => {
  it.each([
    ['1', 'event_type', undefined],
    ['2', 'monitor_type', 'SPOT_ITN_MONITOR'],
  ])('of format version %s have the field names of the Go handler', async (version, field, monitor) => {
    const program = world.imdsAgent({ LOG_FORMAT_VERSION: version });
    spotNotice();
    await isDrained();
    await eventually(() => expect(program.output).toContain('Node successfully cordoned and drained'));
    expect(program.log).toContainEqual(
      expect.objectContaining({ message: 'Started monitoring for events', [field]: 'SPOT_ITN_MONITOR' }),
    );
    const requested = program.log.find(({ message }) => message === 'Requesting instance drain');
    expect(requested).toMatchObject({ kind: 'SPOT_ITN', 'instance-id': world.instanceId });
    expect(requested?.monitor).toBe(monitor);
    expect(program.log).toContainEqual(
      expect.objectContaining({
        message: 'Node successfully cordoned and drained',
        node_name: NODE,
        reason: expect.stringContaining('Spot'),
        'duration-ms': expect.any(Number),
      }),
    );
    expect(program.log).toContainEqual(expect.objectContaining({ message: 'Pods on node', pod_names: ['web-1'] }));
  });

  it('are lines for people when no JSON is asked for', async () => {
    const program = world.imdsAgent({ JSON_LOGGING: 'false' });
    spotNotice();
    await isDrained();
    await eventually(() =>
      expect(program.output).toMatch(
        /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d INF Node successfully cordoned and drained .*node_name=/m,
      ),
    );
    expect(program.output).toMatch(/INF Started monitoring for events event_type=SPOT_ITN_MONITOR/);
  });
});

describe('probes and metrics', () => {
  const get = async (port: number, path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return [answer.status, await answer.text()] as const;
  };

  it('say that the agent is ready when its metadata was read, and count under the names of the Go handler', async () => {
    const [probes, prometheus] = [await freePort(), await freePort()];
    await imds().pause();
    const program = world.imdsAgent({
      ENABLE_PROBES_SERVER: 'true',
      PROBES_SERVER_PORT: String(probes),
      ENABLE_PROMETHEUS_SERVER: 'true',
      PROMETHEUS_SERVER_PORT: String(prometheus),
    });
    await eventually(() => expect(program.output).toContain('cannot be read'));
    expect(await get(probes, '/readyz')).toMatchObject([503, expect.stringContaining('instance metadata')]);
    expect(await get(probes, '/healthz')).toEqual([200, '{"health":"OK"}']);
    await imds().resume();
    await eventually(async () => expect(await get(probes, '/readyz')).toEqual([200, '{"health":"OK"}']));
    spotNotice();
    await isDrained();
    await eventually(async () => {
      const [, metrics] = await get(prometheus, '/metrics');
      expect(metrics).toMatch(/^actions_total\{node_action="cordon-and-drain",node_status="success"[^}]*\} 1$/m);
      expect(metrics).toMatch(/^actions_total\{node_action="pre-drain",node_status="success"[^}]*\} 1$/m);
    });
    const [, metrics] = await get(prometheus, '/metrics');
    expect(metrics).toMatch(/^nth_drains_in_progress 0$/m);
    expect(metrics).not.toContain(NODE);
  });

  it('say that the agent is not ready while something filters its metadata (A14)', async () => {
    const probes = await freePort();
    const hidden = ['instance-type', 'placement/availability-zone', 'events/maintenance/scheduled'];
    for (const name of hidden) imds().set(`meta-data/${name}`, undefined);
    const program = world.imdsAgent({ ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: String(probes) });
    await eventually(() => expect(program.output).toContain('the instance metadata is filtered'));
    expect(program.output).toContain('404 to /latest/meta-data/instance-type');
    expect(await get(probes, '/readyz')).toMatchObject([503, expect.stringContaining('unfiltered instance metadata')]);
    expect(await get(probes, '/healthz')).toEqual([200, '{"health":"OK"}']);
    imds().set('meta-data/instance-type', 'm6i.large');
    imds().set('meta-data/placement/availability-zone', 'us-east-1a');
    await eventually(async () => expect(await get(probes, '/readyz')).toEqual([200, '{"health":"OK"}']));
  });

  it('say that the queue processor is ready when its list of nodes is in, and count tagged nodes', async () => {
    const [probes, prometheus] = [await freePort(), await freePort()];
    await world.sandbox.kubernetes.pause();
    const program = world.queueProcessor({
      ENABLE_PROBES_SERVER: 'true',
      PROBES_SERVER_PORT: String(probes),
      ENABLE_PROMETHEUS_SERVER: 'true',
      PROMETHEUS_SERVER_PORT: String(prometheus),
    });
    await eventually(() => expect(program.output).toContain('Started monitoring for events'));
    expect(await get(probes, '/readyz')).toMatchObject([503, expect.stringContaining('list of nodes')]);
    await world.sandbox.kubernetes.resume();
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await queueIsEmpty(world);
    await eventually(async () => expect(await get(probes, '/readyz')).toEqual([200, '{"health":"OK"}']));
    expect(specOf(world).unschedulable).toBe(true);
    const [, metrics] = await get(prometheus, '/metrics');
    expect(metrics).toMatch(/^nth_tagged_instances\{[^}]*\} 2$/m);
    expect(metrics).toMatch(/^actions_total\{node_action="post-drain",node_status="success"[^}]*\} 1$/m);
  });
});
