import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOTHING } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { evidenceOf } from './faults/course.ts';
import { FOREIGN, SECRETS } from './faults/world.ts';
import type { World } from './faults/world.ts';
import { INVARIANTS, violations } from './invariants.ts';
import { root } from './program.ts';

const mark = {
  labels: { [FOREIGN.label[0]]: FOREIGN.label[1] },
  annotations: { [FOREIGN.annotation[0]]: FOREIGN.annotation[1] },
};
const node = (name: string, taints: readonly object[] = [FOREIGN.taint]) => ({
  metadata: { name, ...mark },
  spec: { taints },
});
const eviction = {
  verb: 'create',
  resource: 'pods',
  subresource: 'eviction',
  namespace: 'default',
  name: 'web',
  user: 'u',
  code: 201,
};

/** What is seen of one node that was drained in good order; every test spoils one thing. */
const good = {
  emptyAt: 200 as number | undefined,
  cordonedAt: 100 as number | undefined,
  deletedAt: 300 as number | undefined,
  body: '{"detail-type":"EC2 Instance-terminate Lifecycle Action"}',
  recorded: ['action'] as readonly string[],
  disagreements: [] as readonly string[],
  action: { token: 't', state: 'completed', result: 'CONTINUE', endedAt: 250 },
  pods: [{ name: 'web', node: 'going', isDaemon: false, goneAt: 200 }] as readonly object[],
  requests: [{ ...eviction }] as readonly object[],
  refused: [] as readonly object[],
  nodes: [node('going'), node('staying')] as readonly object[],
  deliveries: [{ status: 200, body: '{"phase":"drained","node":"going","event":"e"}' }] as readonly object[],
  output: 'a line',
  unknown: [] as readonly string[],
};

function world(spoiled: Partial<typeof good> = {}): World {
  const seen = { ...good, ...spoiled };
  return {
    interruptions: [{ node: 'going', way: 'lifecycle', at: 0, messageId: 'm', token: 't' }],
    record: {
      pods: seen.pods,
      emptyAt: () => seen.emptyAt,
      history: { causesAt: () => seen.recorded, disagreements: seen.disagreements },
      cordonedAt: (name: string) => (name === 'going' ? seen.cordonedAt : undefined),
    },
    programs: [{ name: 'queue-processor', output: seen.output }],
    sandbox: {
      aws: {
        sqs: { message: () => ({ body: seen.body, deletedAt: seen.deletedAt }) },
        autoScaling: { actions: () => [seen.action], refused: () => seen.refused },
      },
      kubernetes: {
        requests: () => seen.requests,
        list: ({ kind }: { kind: string }) => (kind === 'Node' ? seen.nodes : []),
      },
      webhook: { deliveries: () => seen.deliveries },
      unknown: () => seen.unknown,
    },
  } as unknown as World;
}

describe('what must hold', () => {
  it('did, when a node was drained in good order', () => {
    expect(violations(evidenceOf(world()))).toEqual([]);
  });

  it.each<[string, Partial<typeof good>, string]>([
    [
      'a node that was not cordoned',
      { cordonedAt: undefined },
      'node cordoned: going was never cordoned after lifecycle',
    ],
    ['pods that are still there', { emptyAt: undefined }, 'node drained: going was never drained after lifecycle'],
    [
      'a message that is gone, its work not done',
      { emptyAt: undefined },
      'event lost: the message about going was deleted before its drain was done',
    ],
    [
      'a message that is left',
      { deletedAt: undefined },
      'message deleted: the message about going is still in the queue',
    ],
    [
      'a message deleted early',
      { deletedAt: 150 },
      'event lost: the message about going was deleted before its drain was done',
    ],
    [
      'a message that is gone, and of which the record tells another thing',
      { body: '{"detail-type":"EC2 Instance State-change Notification"}', emptyAt: undefined },
      'event lost: the message about going was deleted: its drain was not done, and its record had no entry',
    ],
    [
      'marks that no record asks for',
      { disagreements: ['going: nothing asks for the cordon'] },
      'marks and record agree: going: nothing asks for the cordon',
    ],
    [
      'a hook completed early',
      { action: { ...good.action, endedAt: 150 } },
      'hook early: the action of going ended before its pods had',
    ],
    [
      'a hook given up',
      { action: { ...good.action, result: 'ABANDON' } },
      'hook completed: the action of going is completed ABANDON',
    ],
    [
      'a taint that is lost',
      { nodes: [node('going', [])] },
      'marks of others: the taint that others had put on going is gone',
    ],
    [
      'a pod that is nobody’s business',
      { pods: [...good.pods, { name: 'other', node: 'staying', goneAt: 1 }] },
      'pods that stay: the pod other is gone, and nobody may have touched it',
    ],
    [
      'a pod of a DaemonSet',
      { pods: [...good.pods, { name: 'daemon', node: 'going', isDaemon: true, goneAt: 1 }] },
      'pods that stay: the pod daemon is gone, and nobody may have touched it',
    ],
    [
      'a patch of another node',
      { requests: [{ verb: 'patch', resource: 'nodes', subresource: '', name: 'staying', user: 'u', code: 200 }] },
      'foreign write: u did patch nodes staying',
    ],
    [
      'a deletion',
      { requests: [{ verb: 'delete', resource: 'pods', subresource: '', name: 'web', user: 'u', code: 200 }] },
      'foreign write: u did delete pods web',
    ],
    [
      'a write to a Lease of somebody else',
      {
        requests: ['kube-scheduler', 'queue-processor'].map((name) => {
          return { verb: 'patch', resource: 'leases', subresource: '', name, user: 'u', code: 200 };
        }),
      },
      'foreign write: u did patch leases kube-scheduler',
    ],
    ['a pod evicted twice', { requests: [eviction, eviction] }, 'evicted twice: default/web was evicted again'],
    [
      'a hook completed twice',
      { refused: [{ call: 'CompleteLifecycleAction', instanceId: 'i-1' }] },
      'done twice: CompleteLifecycleAction of i-1 came again',
    ],
    [
      'people told twice',
      { deliveries: [...good.deliveries, ...good.deliveries] },
      'done twice: the webhook was told drained of e on going again',
    ],
    ['nobody told', { deliveries: [] }, 'people told: nobody was told that going is drained'],
    ['a secret in a log', { output: `x ${SECRETS.awsKey}` }, 'secret shown: awsKey in the log of queue-processor (0)'],
    ['a call that nobody knows', { unknown: ['GET /x'] }, 'unknown call: GET /x'],
  ])('is seen to break by %s', (_what, spoiled, violation) => {
    expect(violations(evidenceOf(world(spoiled)))).toContain(violation);
  });

  it.each<[string, Partial<Evidence>, string]>([
    [
      'a node in service',
      { nodes: ['staying'], cordonedAt: () => 1 },
      'nodes that stay: staying was cordoned, and no event named it',
    ],
    [
      'a message worked on twice',
      { receivedAgain: 2 },
      'done twice: 2 messages were received again while somebody worked on them',
    ],
    [
      'a message deleted twice',
      { messages: [{ node: 'a', cause: 'spot', deletedAt: 1, deletionCalls: 2 }] },
      'done twice: the message about a was deleted again',
    ],
    [
      'a node drained too late',
      { interruptions: [{ node: 'a', way: 'spot', deadlineAt: 5 }], cordonedAt: () => 1, emptyAt: () => 8 },
      'node drained: a was drained 3 ms after its instance went',
    ],
    [
      'a claim that is left',
      { claimedForNothing: ['a'] },
      'marks and record agree: a is claimed, and nothing is to be done on it',
    ],
    ['a program that ended', { badEnds: ['imds-agent ended by itself'] }, 'bad end: imds-agent ended by itself'],
    ['a probe that says dead', { liveness: [[200, 503]] }, 'liveness: the probe answered 200 503'],
    ['a probe that says nothing', { liveness: [[]] }, 'liveness: the probe was never answered'],
  ])('is seen to break by %s', (_what, seen, violation) => {
    expect(violations({ ...NOTHING, ...seen })).toContain(violation);
  });

  it('lets a message go as soon as its work stands in the record of its node, but not that of a lifecycle action', () => {
    const early = { emptyAt: 200, deletedAt: 150 };
    const body = '{"detail-type":"EC2 Instance Rebalance Recommendation"}';
    expect(violations(evidenceOf(world({ ...early, body, recorded: ['rebalance'] })), {}, ['event lost'])).toEqual([]);
    expect(violations(evidenceOf(world({ ...early, recorded: ['action'] })), {}, ['event lost'])).toHaveLength(1);
  });

  it('is forgiven where a case says why, and is judged alone where that is asked', () => {
    const spoiled = evidenceOf(world({ requests: [eviction, eviction], deliveries: [] }));
    expect(violations(spoiled, { repeats: true, silentWebhook: true })).toEqual([]);
    expect(violations(spoiled, {}, ['evicted twice'])).toEqual(['evicted twice: default/web was evicted again']);
  });

  it('counts refused evictions and dry runs for nothing', () => {
    const requests = [eviction, { ...eviction, code: 429 }, { ...eviction, dryRun: true }];
    expect(violations(evidenceOf(world({ requests })))).toEqual([]);
  });

  it('is what docs/reliability.md says', async () => {
    const text = await readFile(path.join(root, 'docs/reliability.md'), 'utf8');
    const listed = [...text.matchAll(/^- \*\*(.+)\*\*: (.+)\.$/gm)].map(([, name, holds]) => ({ name, holds }));
    expect(listed).toEqual(INVARIANTS.map(({ name, holds }) => ({ name, holds })));
  });
});
