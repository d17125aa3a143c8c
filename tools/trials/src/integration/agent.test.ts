import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pod, readRecord } from '@node-termination-handler/sandbox';
import type { ImdsScheduledEvent } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../program.ts';
import {
  eventually,
  evictions,
  getNode,
  hasRecord,
  NODE,
  ownMarks,
  podNames,
  reboot,
  specOf,
  startWorld,
} from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

const imds = () => world.sandbox.imdsOf(NODE);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
const notice = () => imds().setSpotInterruption({ action: 'terminate', time: inSeconds(120) });

async function isDrained(): Promise<void> {
  await eventually(() => {
    expect(podNames(world)).toEqual([]);
    expect(specOf(world).unschedulable).toBe(true);
  });
}

const polled = () =>
  eventually(() =>
    expect(
      imds()
        .requests()
        .some(({ path, status }) => path.endsWith('spot/instance-action') && status === 404),
    ).toBe(true),
  );

describe('a spot notice', () => {
  it('leads to a drained node, one webhook and no second drain', async () => {
    const program = world.imdsAgent({ TAINT_NODE: 'true' });
    notice();
    await isDrained();
    await eventually(() => expect(world.sandbox.webhook.deliveries()).toHaveLength(1));
    const body = JSON.parse(world.sandbox.webhook.deliveries()[0]!.body) as { text: string };
    expect(body.text).toContain(`Instance: ${world.instanceId} - Node: ${NODE}`);
    expect(specOf(world).taints).toMatchObject([
      { key: 'aws-node-termination-handler/spot-itn', effect: 'NoSchedule' },
    ]);
    expect(evictions(world)).toBe(1);
    expect(await program.stop()).toBe(0);
  });

  it('is found without IMDSv2, and when tokens are refused later', async () => {
    imds().setMode({ v1Only: 404 });
    const program = world.imdsAgent();
    await eventually(() =>
      expect(
        imds()
          .requests()
          .some(({ path }) => path.endsWith('spot/instance-action')),
      ).toBe(true),
    );
    notice();
    await isDrained();
    expect(program.isRunning).toBe(true);
  });

  it('is found after all tokens have become invalid', async () => {
    world.imdsAgent();
    await polled();
    imds().invalidateTokens();
    notice();
    await isDrained();
  });

  it('only cordons when told so, and writes nothing in a dry run', async () => {
    const program = world.imdsAgent({ CORDON_ONLY: 'true' });
    notice();
    await eventually(() => expect(specOf(world).unschedulable).toBe(true));
    await program.stop();
    expect(podNames(world)).toEqual(['web-1']);

    await using other = await startWorld();
    other.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
    const before = getNode(other).metadata.resourceVersion;
    const dry = other.imdsAgent({ DRY_RUN: 'true', EMIT_KUBERNETES_EVENTS: 'true' });
    other.sandbox.imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: inSeconds(120) });
    await eventually(() => expect(dry.output).toContain('would have been cordoned and drained'));
    expect(getNode(other).metadata.resourceVersion).toBe(before);
    // To ask what it may do is not to write.
    const isQuestion = ({ verb, resource }: { readonly verb: string; readonly resource: string }): boolean =>
      ['get', 'list', 'watch'].includes(verb) || resource === 'selfsubjectaccessreviews';
    expect(other.sandbox.kubernetes.requests().filter((request) => !isQuestion(request))).toEqual([]);
  });
});

describe('instance metadata that misbehaves', () => {
  const bad = [
    ['HTML', { misbehaviour: { kind: 'status', status: 200, body: '<html>busy</html>' } }],
    ['500', { misbehaviour: { kind: 'status', status: 500 } }],
    ['half a body', { misbehaviour: { kind: 'half-body' } }],
    ['a reset', { misbehaviour: { kind: 'reset', when: 'before' } }],
    ['nothing', { misbehaviour: { kind: 'hang' } }],
    ['slow answers', { delayMs: 700 }],
  ] as const;

  it.each(bad)('ends no program and loses no notice: %s', async (_what, fault) => {
    const program = world.imdsAgent();
    await polled();
    const hits = imds().faults.hits();
    const heal = imds().faults.add({ matches: ({ path }) => path.endsWith('spot/instance-action'), ...fault });
    notice();
    await eventually(() => expect(imds().faults.hits()).toBeGreaterThan(hits + 1));
    expect(program.isRunning).toBe(true);
    heal();
    await isDrained();
  });

  it('at the start is waited out', async () => {
    await imds().pause();
    const program = world.imdsAgent();
    await eventually(() => expect(program.output).toContain('the instance metadata cannot be read, trying again'));
    notice();
    await imds().resume();
    await isDrained();
  });

  it('at the start keeps no program from stopping, also while it serves probes', async () => {
    await imds().pause();
    const program = world.imdsAgent({ ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: String(await freePort()) });
    await eventually(() => expect(program.output).toContain('the instance metadata cannot be read, trying again'));
    expect(await program.stop()).toBe(0);
  });

  it('that hangs on tokens is used without, and the hop limit is named', async () => {
    imds().setMode('v2-optional');
    imds().hangTokenRequests();
    const program = world.imdsAgent();
    notice();
    await isDrained();
    expect(program.log.filter(({ message }) => /hop limit/i.test(message))).toHaveLength(1);
  });
});

describe('other notices', () => {
  it('cordon for a rebalance recommendation, and a spot notice later drains', async () => {
    world.imdsAgent({ ENABLE_REBALANCE_MONITORING: 'true' });
    imds().setRebalance(new Date());
    await eventually(() => expect(specOf(world).unschedulable).toBe(true));
    expect(podNames(world)).toEqual(['web-1']);
    notice();
    await isDrained();
  });

  it('drain for a target lifecycle state', async () => {
    world.imdsAgent({ ENABLE_ASG_LIFECYCLE_DRAINING: 'true' });
    imds().setLifecycleState('InService');
    await eventually(() =>
      expect(
        imds()
          .requests()
          .some(({ path }) => path.endsWith('target-lifecycle-state')),
      ).toBe(true),
    );
    imds().setLifecycleState('Terminated');
    await isDrained();
  });

  const maintenance = (state: 'active' | 'canceled', NotBefore = inSeconds(3600)): ImdsScheduledEvent[] => [
    {
      Code: 'system-reboot',
      Description: 'scheduled reboot',
      EventId: 'instance-event-0d59937288b749b32',
      State: state,
      NotBefore,
      NotAfter: inSeconds(7200),
    },
  ];

  it('drain for a scheduled event, and uncordon when it is cancelled', async () => {
    world.imdsAgent({ TAINT_NODE: 'true' });
    imds().setScheduledEvents(maintenance('active'));
    await isDrained();
    expect(getNode(world).metadata.labels).toMatchObject({
      'aws-node-termination-handler/action': 'UncordonAfterReboot',
    });
    imds().setScheduledEvents(maintenance('canceled'));
    await eventually(() => expect(specOf(world).unschedulable).not.toBe(true));
    expect(ownMarks(world)).toEqual([]);
    // That it is over is noted for as long as it is listed, so that nothing begins it anew.
    expect(hasRecord(world)).toBe(true);
    imds().setScheduledEvents([]);
    await eventually(() => expect(hasRecord(world)).toBe(false));
  });

  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nth-uptime-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each<[string, () => void]>([
    ['another boot id of the node', () => reboot(world)],
    [
      'the uptime of the host alone',
      () => {
        const node = getNode(world);
        const { bootID: _none, ...nodeInfo } = readRecord(node, 'status', 'nodeInfo');
        world.sandbox.kubernetes.put({ ...node, status: { ...readRecord(node, 'status'), nodeInfo } });
      },
    ],
  ])('uncordon after the reboot, and are ignored from then on: known by %s', async (_by, comeUp) => {
    const file = path.join(folder, 'uptime');
    const first = world.imdsAgent();
    const start = inSeconds(4);
    imds().setScheduledEvents(maintenance('active', start));
    await isDrained();
    await first.stop();
    await vi.waitUntil(() => Date.now() > start.getTime() + 1000, { timeout: 10_000 });
    await writeFile(file, '0.50 0.10\n');
    comeUp();
    const second = world.imdsAgent({ UPTIME_FROM_FILE: file });
    await eventually(() => expect(specOf(world).unschedulable).not.toBe(true));
    const looks = imds().requests().length;
    await eventually(() =>
      expect(
        imds()
          .requests()
          .slice(looks)
          .some(({ path: at }) => at.endsWith('maintenance/scheduled')),
      ).toBe(true),
    );
    expect(specOf(world).unschedulable).not.toBe(true);
    expect(ownMarks(world)).toEqual([]);
    expect(second.isRunning).toBe(true);
  });

  it('survive a reboot that is not theirs', async () => {
    const first = world.imdsAgent();
    imds().setScheduledEvents(maintenance('active'));
    await isDrained();
    await first.stop();
    reboot(world);
    const second = world.imdsAgent();
    await eventually(() => expect(second.output).toContain('Started monitoring for events'));
    const looks = () =>
      imds()
        .requests()
        .filter(({ path: at }) => at.endsWith('maintenance/scheduled')).length;
    const before = looks();
    await eventually(() => expect(looks()).toBeGreaterThan(before + 1));
    expect(specOf(world).unschedulable).toBe(true);
  });
});

describe('settings', () => {
  it('that are wrong end the start with one message that names them all', async () => {
    const program = world.imdsAgent({ METADATA_TRIES: 'many', TAINT_EFFECT: 'Never', LOG_LEVEL: 'loud' });
    expect(await program.exit).toBe(1);
    for (const word of ['METADATA_TRIES', 'many', 'TAINT_EFFECT', 'Never', 'NoSchedule', 'LOG_LEVEL'])
      expect(program.output).toContain(word);
  });

  it('that hold secrets show none of them', async () => {
    world.sandbox.webhook.setAnswer({ status: 500 });
    const url = `${world.sandbox.webhook.url}/services/T0PS3CRET`;
    const program = world.imdsAgent({
      WEBHOOK_URL: url,
      WEBHOOK_HEADERS: '{"Authorization":"Bearer H1DDEN"}',
      LOG_LEVEL: 'debug',
    });
    notice();
    await isDrained();
    await eventually(() => expect(program.output).toContain('webhook'));
    await program.stop();
    expect(program.output).not.toMatch(/T0PS3CRET|H1DDEN/);
  });

  it('that name a webhook that hangs delay no drain', async () => {
    world.sandbox.webhook.faults.add({ misbehaviour: { kind: 'hang' } });
    world.imdsAgent({ WEBHOOK_EVENTS: 'received,drained' });
    notice();
    await isDrained();
  });
});
