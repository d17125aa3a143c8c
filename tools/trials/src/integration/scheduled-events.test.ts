import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pod } from '@node-termination-handler/sandbox';
import type { ImdsScheduledEvent } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  eventually,
  evictions,
  getNode,
  hasRecord,
  NODE,
  ownMarks,
  podNames,
  queueIsEmpty,
  specOf,
  startWorld,
} from './testing/world.ts';
import type { World } from './testing/world.ts';

const PREFIX = 'aws-node-termination-handler/';
let world: World;

beforeEach(async () => {
  world = await startWorld();
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

const imds = () => world.sandbox.imdsOf(NODE);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

function scheduled(id: string, more: Partial<ImdsScheduledEvent> = {}): ImdsScheduledEvent {
  return {
    Code: 'system-reboot',
    Description: 'scheduled reboot',
    EventId: id,
    State: 'active',
    NotBefore: inSeconds(86_400),
    NotAfter: inSeconds(90_000),
    ...more,
  };
}

const first = scheduled('instance-event-1');
const second = scheduled('instance-event-2');
const cancelled = (event: ImdsScheduledEvent): ImdsScheduledEvent => ({ ...event, State: 'canceled' });

const isUnschedulable = () => specOf(world).unschedulable === true;
const isDrained = () => eventually(() => expect([podNames(world), isUnschedulable()]).toEqual([[], true]));
const isBack = () => eventually(() => expect(isUnschedulable()).toBe(false));

/** Waits until the agent has read the document of scheduled events once more from now on. */
async function seenAgain(times = 2): Promise<void> {
  const looks = () =>
    imds()
      .requests()
      .filter(({ path: at }) => at.endsWith('maintenance/scheduled')).length;
  const before = looks();
  await eventually(() => expect(looks()).toBeGreaterThanOrEqual(before + times));
}

describe('a pod that stays by rule, two weeks before the end (E5)', () => {
  it.each([
    ['respect', 1],
    ['deadline', 0],
  ])('keeps no other, is told once, and asked for less and less: %s', async (policy, webhooks) => {
    world.sandbox.kubernetes.put(pod({ name: 'scratch-1', node: NODE, owner: 'ReplicaSet', emptyDir: true }));
    const program = world.imdsAgent({ DELETE_LOCAL_DATA: 'false', POD_DEADLINE_POLICY: policy });
    imds().setScheduledEvents([scheduled('instance-event-1', { NotBefore: inSeconds(14 * 86_400) })]);
    await eventually(() => expect(podNames(world)).toEqual(['scratch-1']));
    await setTimeout(8_000);
    const about = (text: string) => program.log.filter(({ message }) => message.includes(text));
    expect([world.sandbox.webhook.deliveries().length, evictions(world)]).toEqual([webhooks, 1]);
    for (const once of ['Draining the node', 'Pods on node']) expect(about(once)).toHaveLength(1);
    expect(about('There was a problem')).toHaveLength(webhooks);
    const podRequests = world.sandbox.kubernetes
      .requests()
      .filter(({ resource, verb }) => resource === 'pods' && (verb === 'list' || verb === 'watch'));
    // A try at once and after 2, 4 and 8 s, a watch each.
    expect(podRequests.length).toBeLessThanOrEqual(4);
  });
});

describe('a lead time', () => {
  it('is waited for, and an event that is cancelled before it has never touched the node', async () => {
    const program = world.imdsAgent({ SCHEDULED_EVENT_LEAD_TIME: 'grace' });
    imds().setScheduledEvents([first]);
    await eventually(() => expect(program.output).toContain('waiting for the time to act'));
    imds().setScheduledEvents([cancelled(first)]);
    await eventually(() => expect(program.output).toContain('event ended before its time'));
    expect(isUnschedulable()).toBe(false);
    expect(evictions(world)).toBe(0);
    // The other waits for its time, and that comes.
    imds().setScheduledEvents([cancelled(first), scheduled('instance-event-2', { NotBefore: inSeconds(123) })]);
    await isDrained();
  });
});

describe('several events', () => {
  it('hold one node until the last of them is cancelled or completed', async () => {
    const program = world.imdsAgent({ TAINT_NODE: 'true' });
    const many = Array.from({ length: 5 }, (_, index) => scheduled(`instance-event-more-${index}`));
    imds().setScheduledEvents([first, second, ...many]);
    await isDrained();
    await eventually(() =>
      expect(program.log.filter(({ message }) => message.includes('successfully cordoned and drained'))).toHaveLength(
        7,
      ),
    );
    expect(evictions(world)).toBe(1);
    imds().setScheduledEvents([cancelled(first), second, ...many.map(cancelled)]);
    await eventually(() =>
      expect(program.log.filter(({ message }) => message === 'event ended before its time')).toHaveLength(6),
    );
    expect(isUnschedulable()).toBe(true);
    imds().setScheduledEvents([{ ...second, State: 'completed' }]);
    await isBack();
    await eventually(() => expect([ownMarks(world), specOf(world).taints ?? []]).toEqual([[], []]));
  });

  it('that cannot be understood take no other with them, and are said', async () => {
    const program = world.imdsAgent();
    // `21 Jan 2026 09:00:43 GMT`, as EC2 writes it.
    const start = inSeconds(86_400).toUTCString().slice('Wed, '.length);
    const entry = { NotBefore: start, Code: 'system-reboot', EventId: 'instance-event-1' };
    imds().set('meta-data/events/maintenance/scheduled', JSON.stringify([{ ...entry, NotBefore: 'soon' }, entry]));
    await isDrained();
    expect(program.log).toContainEqual(
      expect.objectContaining({ level: 'warn', reason: 'events/maintenance/scheduled.0.NotBefore: is not a time' }),
    );
  });
});

describe('a node that somebody else had cordoned', () => {
  it('stays cordoned when the event is cancelled, and asks for no uncordon after the reboot', async () => {
    const { kubernetes } = world.sandbox;
    const node = getNode(world);
    kubernetes.put({ ...node, spec: { ...specOf(world), unschedulable: true } });
    world.imdsAgent({ TAINT_NODE: 'true' });
    imds().setScheduledEvents([first]);
    await eventually(() => expect(podNames(world)).toEqual([]));
    expect(getNode(world).metadata.labels).not.toHaveProperty(`${PREFIX}action`);
    imds().setScheduledEvents([cancelled(first)]);
    await eventually(() => expect([ownMarks(world), specOf(world).taints ?? []]).toEqual([[], []]));
    expect(isUnschedulable()).toBe(true);
  });
});

describe('a restart of the agent', () => {
  it.each([
    ['cancelled meanwhile', [cancelled(first)]],
    ['taken out of the metadata meanwhile', []],
  ])('in between takes the node back when the event was %s', async (_how, events) => {
    const before = world.imdsAgent({ TAINT_NODE: 'true' });
    imds().setScheduledEvents([first]);
    await isDrained();
    await before.stop();
    imds().setScheduledEvents(events);
    world.imdsAgent({ TAINT_NODE: 'true' });
    await isBack();
    expect([ownMarks(world), specOf(world).taints ?? []]).toEqual([[], []]);
  });

  it('in between changes nothing for an event that stands, whose cancellation then counts', async () => {
    const before = world.imdsAgent();
    imds().setScheduledEvents([first]);
    await isDrained();
    await before.kill();
    world.imdsAgent();
    await seenAgain();
    expect(isUnschedulable()).toBe(true);
    imds().setScheduledEvents([cancelled(first)]);
    await isBack();
  });
});

describe('a reboot', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nth-uptime-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The node as the Go handler leaves it: labels, a taint, and no annotation of ours. */
  function cordonedByGoHandler(secondsAgo: number): void {
    const node = getNode(world);
    const labels = {
      ...node.metadata.labels,
      [`${PREFIX}action`]: 'UncordonAfterReboot',
      [`${PREFIX}action-time`]: String(Math.floor(Date.now() / 1000) - secondsAgo),
      [`${PREFIX}event-id`]: 'instance-event-1',
      'node.kubernetes.io/exclude-from-external-load-balancers': 'aws-node-termination-handler',
    };
    const taints = [
      { key: `${PREFIX}scheduled-maintenance`, value: 'instance-event-1', effect: 'NoSchedule' },
      { key: 'team', value: 'blue', effect: 'NoSchedule' },
    ];
    world.sandbox.kubernetes.put({
      ...node,
      metadata: { ...node.metadata, labels },
      spec: { ...specOf(world), unschedulable: true, taints },
    });
  }

  it('in the middle of the change from the Go handler ends with the node in service, and the event is done with', async () => {
    const uptime = path.join(folder, 'uptime');
    await writeFile(uptime, '120.50 300.00\n');
    cordonedByGoHandler(600);
    imds().setScheduledEvents([scheduled('instance-event-1', { NotBefore: inSeconds(-300) })]);
    world.imdsAgent({ UPTIME_FROM_FILE: uptime });
    await isBack();
    expect(ownMarks(world)).toEqual([]);
    expect(specOf(world).taints).toMatchObject([{ key: 'team' }]);
    expect(getNode(world).metadata.labels).not.toHaveProperty(
      'node.kubernetes.io/exclude-from-external-load-balancers',
    );
    await seenAgain();
    expect([podNames(world), isUnschedulable()]).toEqual([['web-1'], false]);
  });

  it('that has not come yet leaves the node as it is, and a cancellation takes back what the Go handler did', async () => {
    const uptime = path.join(folder, 'uptime');
    await writeFile(uptime, '86400.00 300.00\n');
    cordonedByGoHandler(600);
    imds().setScheduledEvents([first]);
    world.imdsAgent({ UPTIME_FROM_FILE: uptime });
    await isDrained();
    imds().setScheduledEvents([cancelled(first)]);
    await isBack();
    expect(ownMarks(world)).toEqual([]);
  });
});

describe('an event from the queue', () => {
  it('whose time is days away stands in the record of its node: its message is deleted, and a copy of it changes nothing', async () => {
    const { aws } = world.sandbox;
    const settings = { SCHEDULED_EVENT_LEAD_TIME: 'grace' };
    const program = world.queueProcessor(settings);
    const about = { startTime: inSeconds(7 * 86_400), eventArn: 'arn:aws:health:us-east-1::event/EC2/REBOOT/1' };
    await aws.sendHealthEvent([world.instanceId], about);
    await queueIsEmpty(world);
    expect(program.log.filter(({ message }) => message === 'waiting for the time to act')).toHaveLength(1);
    expect([isUnschedulable(), hasRecord(world), ownMarks(world)]).toEqual([false, true, []]);
    const { resourceVersion } = getNode(world).metadata;
    await aws.sendHealthEvent([world.instanceId], about);
    await queueIsEmpty(world);
    expect(getNode(world).metadata.resourceVersion).toBe(resourceVersion);
    expect(await program.stop()).toBe(0);
  });

  it('whose time comes after a restart is acted on then, though no message tells of it any more', async () => {
    const { aws } = world.sandbox;
    // The event is two hours ahead, and the time to act comes in some seconds.
    const settings = { SCHEDULED_EVENT_LEAD_TIME: '2h' };
    const program = world.queueProcessor(settings);
    const actAt = Date.now() + 8_000;
    await aws.sendHealthEvent([world.instanceId], { startTime: new Date(actAt + 7_200_000) });
    await queueIsEmpty(world);
    await program.kill();
    expect(isUnschedulable()).toBe(false);
    world.queueProcessor(settings);
    await isDrained();
    expect(Date.now()).toBeGreaterThanOrEqual(actAt);
    expect(aws.sqs.messages()).toHaveLength(1);
  });
});
