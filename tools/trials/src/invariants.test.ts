import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOTHING } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { evidenceOf } from './faults/course.ts';
import { FOREIGN, SECRETS } from './faults/world.ts';
import type { World } from './faults/world.ts';
import { INVARIANTS, violations } from './invariants.ts';
import type { Allowance } from './invariants.ts';
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
  at: 150,
  verb: 'create',
  resource: 'pods',
  subresource: 'eviction',
  namespace: 'default',
  name: 'web',
  user: 'u',
  code: 201,
};

/** When the instance goes; a pod with 30 s must be told 32 s before. */
const END = 120_000;
const signal = { at: 150, graceSeconds: 30 };
const web = { name: 'web', node: 'going', isDaemon: false, goneAt: 200, graceSeconds: 30, signal };
const deletion = { ...eviction, verb: 'delete', subresource: '', code: 200 };

/** What is seen of one node that was drained in good order; every test spoils one thing. */
const good = {
  emptyAt: 200 as number | undefined,
  cordonedAt: 100 as number | undefined,
  deletedAt: 300 as number | undefined,
  body: '{"detail-type":"EC2 Instance-terminate Lifecycle Action"}',
  recorded: ['action'] as readonly string[],
  disagreements: [] as readonly string[],
  releasedAt: undefined as number | undefined,
  isTakenAgain: false,
  action: { token: 't', state: 'completed', result: 'CONTINUE', endedAt: 250 },
  pods: [web] as readonly object[],
  failedJobs: [] as readonly string[],
  deadlineAt: END as number | undefined,
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
    interruptions: [
      { node: 'going', way: 'lifecycle', at: 0, messageId: 'm', token: 't', deadlineAt: seen.deadlineAt },
    ],
    record: {
      pods: seen.pods,
      failedJobs: seen.failedJobs,
      emptyAt: () => seen.emptyAt,
      history: { causesAt: () => seen.recorded, disagreements: seen.disagreements, judge: () => undefined },
      releasedAt: () => seen.releasedAt,
      isTakenAgain: () => seen.isTakenAgain,
      cordonedAt: (name: string) => (name === 'going' ? seen.cordonedAt : undefined),
    },
    going: ['going'],
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
      'a message that goes before its hook',
      { deletedAt: 240 },
      'event lost: the message about going was deleted while its hook waited',
    ],
    [
      'a node that a person has given back in vain',
      { deadlineAt: undefined, releasedAt: 150, isTakenAgain: true },
      'taken again: going was cordoned again, and a person had given it back',
    ],
    [
      'a pod that comes late, and is not seen',
      {
        pods: [{ ...web, name: 'late', cameAt: 1000, isLate: true, goneAt: undefined, signal: undefined }],
        action: { ...good.action, endedAt: 9000 },
      },
      'hook early: the action of going ended, and late had come',
    ],
    [
      'a pod that is evicted again and again',
      { requests: Array.from({ length: 10 }, (_, index) => ({ ...eviction, at: 150 + index * 1000 })) },
      'in circles: web was evicted 10 times in a minute',
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
      'a deletion of a pod that stays',
      { requests: [{ ...deletion, name: 'daemon' }] },
      'foreign write: u did delete pods daemon',
    ],
    [
      'a deletion in place of an eviction',
      { requests: [deletion] },
      'budget kept: web was deleted, 87850 ms before it had to be, going goes',
    ],
    [
      'a deletion though nobody has said when the instance goes',
      { requests: [{ ...deletion, at: END }], pods: [{ ...web, goneAt: END }], deadlineAt: undefined },
      'budget kept: web was deleted, and nobody has said when going goes',
    ],
    [
      'less grace than there is time for',
      { pods: [{ ...web, signal: { at: 80_000, graceSeconds: 29 } }] },
      'budget kept: web was given 29 s of 30, 8000 ms before it had to be, going goes',
    ],
    [
      'a pod that was lost without a word',
      { pods: [{ ...web, isLost: true, signal: undefined }] },
      'signal in time: web was never told to end, and its instance goes',
    ],
    [
      'a pod that heard of its end too late',
      { pods: [{ ...web, signal: { at: 100_000, graceSeconds: 18 } }] },
      'signal in time: web was told to end 7000 ms too late, and its instance goes',
    ],
    [
      'a pod that got no second',
      { pods: [{ ...web, signal: { at: 119_000, graceSeconds: 0 } }] },
      'signal in time: web was taken away while it ran',
    ],
    [
      'a pod that was taken away',
      { pods: [{ ...web, signal: undefined }] },
      'signal in time: web was taken away while it ran',
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
    ['a Job that failed', { failedJobs: ['batch'] }, 'job failed: the Job batch has failed'],
    ['a pod evicted twice', { requests: [eviction, eviction] }, 'evicted twice: default/web was evicted again'],
    [
      'a node that is written again and again',
      {
        requests: Array.from({ length: 100 }, (_, index) => {
          return {
            verb: 'patch',
            resource: 'nodes',
            subresource: '',
            name: 'going',
            user: 'u',
            code: 200,
            at: 500 * index,
          };
        }),
      },
      'in circles: going was written 100 times in a minute',
    ],
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
    [
      'a line that nobody explains',
      { output: '{"level":"warn","message":"what a surprise"}\n{"level":"info","message":"stopped"}\n{"level":"in' },
      'unknown line: "what a surprise" in the log of queue-processor (0)',
    ],
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
    [
      'a node that was not given back',
      { interruptions: [{ node: 'a', way: 'health', isTakenBack: true }], marked: ['a'] },
      'given back: a is marked, and nothing holds it',
    ],
    ['a program that ended', { badEnds: ['imds-agent ended by itself'] }, 'bad end: imds-agent ended by itself'],
    ['a probe that says dead', { liveness: [[200, 503]] }, 'liveness: the probe answered 200 503'],
    ['a program that is not ready again', { readiness: [200, 503] }, 'ready again: the probe answered 503'],
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

  it('lets the message of a lifecycle action go when its hook has ended, whatever comes to the node after that', () => {
    const comesAt =
      (at: number) =>
      (_node: string, by = Infinity) =>
        by >= at ? undefined : 200;
    const lost = (at: number) => violations({ ...evidenceOf(world()), emptyAt: comesAt(at) }, {}, ['event lost']);
    expect([lost(260), lost(249)]).toEqual([[], [expect.stringContaining('before its drain was done')]]);
  });

  it('asks for nothing where a person has given a node back of which nobody says that it goes', () => {
    const undone = { emptyAt: undefined, deadlineAt: undefined, deliveries: [], releasedAt: 150 };
    const names = ['node drained', 'event lost', 'people told'] as const;
    expect(violations(evidenceOf(world(undone)), {}, names)).toEqual([]);
    expect(violations(evidenceOf(world({ ...undone, deadlineAt: END })), {}, names)).toHaveLength(3);
    expect(violations(evidenceOf(world({ ...undone, releasedAt: -1 })), {}, names)).toHaveLength(3);
  });

  it('lets a node be cordoned again that somebody says goes', () => {
    const again = { releasedAt: 150, isTakenAgain: true };
    expect(violations(evidenceOf(world(again)), {}, ['taken again'])).toEqual([]);
  });

  it('knows a pod from another that has its name, and from one that comes when nobody looks any more', () => {
    const other = { ...web, node: 'staying', cameAt: 200, goneAt: undefined, signal: undefined };
    const requests = [{ ...deletion, at: 100_000 }];
    const first = { ...web, goneAt: 100_001 };
    expect(violations(evidenceOf(world({ pods: [first, { ...other, cameAt: 100_050 }], requests })))).toEqual([]);
    expect(violations(evidenceOf(world({ pods: [other], requests })), {}, ['budget kept'])).toHaveLength(1);
    const late = { ...web, cameAt: 249, isLate: true, goneAt: undefined, signal: undefined };
    expect(violations({ ...evidenceOf(world({ pods: [late] })), judgedAt: END })).toEqual([]);
  });

  it('has nobody move a pod that was invited, and gives one that comes late the time of a case', () => {
    const came = { ...web, cameAt: 100_000, graceSeconds: 5, signal: undefined, goneAt: undefined };
    const of = (pod: object, judgedAt: number) =>
      violations({ ...evidenceOf(world({ pods: [pod] })), judgedAt }, {}, ['signal in time']);
    expect(of({ ...came, isInvited: true }, END)).toEqual([]);
    expect(of(came, 104_000)).toEqual([]);
    expect(of(came, END)).toHaveLength(1);
  });

  it('has work on a node that goes soon wait for none that has time', () => {
    const other = { ...web, name: 'other', node: 'staying', goneAt: undefined };
    const judge = (late: object, allowance: Allowance = {}, deadlineAt?: number) => {
      const evidence = evidenceOf(
        world({
          pods: [{ ...web, signal: { ...signal, at: 60_000 }, goneAt: 61_000 }, other],
          requests: [
            { ...eviction, at: 60_000 },
            { ...eviction, name: 'other', at: 30_000, ...late },
          ],
        }),
      );
      const [going] = evidence.interruptions;
      const interruptions = going === undefined ? [] : [going, { ...going, node: 'staying', deadlineAt }];
      return violations({ ...evidence, interruptions }, allowance, ['urgent first']);
    };
    const behind = ['urgent first: no pod of going was asked to go while those of staying were'];
    expect(judge({})).toEqual(behind);
    expect(judge({}, {}, 700_000)).toEqual(behind);
    const allowed = [judge({}, { waitMs: 40_000 }), judge({}, { lateMs: 40_000 }), judge({}, {}, 600_000)];
    expect([...allowed, judge({ at: 5000 }), judge({ at: 61_000 }), judge({ dryRun: true })].flat()).toEqual([]);
  });

  it('has no work wait of whose node the last pod leaves by itself', () => {
    const judge = (goneAt: number) => {
      const pods = [
        { ...web, signal: undefined, goneAt },
        { ...web, name: 'other', node: 'staying', goneAt: undefined },
      ];
      const evidence = evidenceOf(world({ pods, requests: [{ ...eviction, name: 'other', at: 30_000 }] }));
      const interruptions = evidence.interruptions.flatMap((one) => [
        one,
        { ...one, node: 'staying', deadlineAt: undefined },
      ]);
      return violations({ ...evidence, interruptions }, {}, ['urgent first']).length;
    };
    expect([judge(20_000), judge(61_000)]).toEqual([0, 1]);
  });

  it('is forgiven where a case says why, and is judged alone where that is asked', () => {
    const spoiled = evidenceOf(world({ requests: [eviction, eviction], deliveries: [] }));
    expect(violations(spoiled, { repeats: true, silentWebhook: true })).toEqual([]);
    expect(violations(spoiled, {}, ['evicted twice'])).toEqual(['evicted twice: default/web was evicted again']);
  });

  it('forgives a pod that was hurried by a clock that is a little wrong', () => {
    const hurried = { ...web, goneAt: 90_000, signal: { at: 85_500, graceSeconds: 18 } };
    const early = evidenceOf(world({ pods: [hurried], requests: [{ ...deletion, at: 85_500 }] }));
    expect(violations(early, {}, ['budget kept'])).toHaveLength(2);
    expect(violations(early, { earlyMs: 2000 }, ['budget kept'])).toEqual([]);
  });

  it('lets a pod be hurried before its end, as late as a case allows, and a pod that stays go on', () => {
    const hurried = { ...web, signal: { at: 100_000, graceSeconds: 18 } };
    const late = evidenceOf(world({ pods: [hurried], requests: [{ ...deletion, at: 100_000 }] }));
    expect(violations(late, { lateMs: 20_000 }, ['budget kept', 'signal in time'])).toEqual([]);
    const untold = { ...web, signal: undefined, goneAt: undefined };
    const early = { ...evidenceOf(world({ pods: [untold] })), judgedAt: 90_000 };
    expect(violations(early, {}, ['signal in time'])).toEqual([]);
    const open = evidenceOf(world({ pods: [untold], deadlineAt: undefined }));
    expect(violations(open, {}, ['signal in time'])).toEqual([]);
  });

  it('counts refused evictions, refused deletions and dry runs for nothing', () => {
    const refused = [
      { ...eviction, code: 429 },
      { ...deletion, code: 403 },
      { ...deletion, code: 0 },
    ];
    const requests = [eviction, ...refused, { ...eviction, dryRun: true }, { ...deletion, dryRun: true }];
    expect(violations(evidenceOf(world({ requests })))).toEqual([]);
  });

  it('is what docs/reliability.md says', async () => {
    const text = await readFile(path.join(root, 'docs/reliability.md'), 'utf8');
    const listed = [...text.matchAll(/^- \*\*(.+)\*\*: (.+)\.$/gm)].map(([, name, holds]) => ({ name, holds }));
    expect(listed).toEqual(INVARIANTS.map(({ name, holds }) => ({ name, holds })));
  });
});
