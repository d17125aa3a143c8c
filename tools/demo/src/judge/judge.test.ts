import { NOTHING } from '@node-termination-handler/trials';
import type { Evidence } from '@node-termination-handler/trials';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';

const action = { node: 'a', state: 'completed', result: 'CONTINUE', endedAt: 1_004_050 };
const message = { node: 'a', cause: 'action', deletedAt: 1_004_100, deletionCalls: 1 };
const eviction = {
  verb: 'create',
  resource: 'pods',
  subresource: 'eviction',
  namespace: 'default',
  name: 'web-1',
  user: 'test',
  code: 201,
  dryRun: false,
};
const daemon = { name: 'monitoring/x', node: '', isDaemon: true };
const good: Evidence = {
  ...NOTHING,
  interruptions: [{ node: 'a', way: 'lifecycle', deadlineAt: 1_030_000 }],
  cordonedAt: (node) => (node === 'a' ? 1_000_100 : undefined),
  emptyAt: () => 1_004_000,
  actions: [action],
  messages: [message],
  requests: [eviction],
  nodes: ['a', 'x'],
  pods: [{ ...daemon, goneAt: undefined }],
};
const failing = (fields: Partial<Evidence>): string[] =>
  judge({ ...good, ...fields })
    .filter(({ holds }) => !holds)
    .map(({ claim }) => claim);
const once =
  'no hook is completed again, no message is worked on or deleted again, and no phase of an event is told again';
const lost =
  'no message is gone while the work that it asks for is not done and does not stand in the record of its node; that of a lifecycle action never before its node was drained';

describe('the verdict', () => {
  it('is good when everything was done once', () => {
    expect(failing({})).toEqual([]);
    expect(judge(good).map(({ evidence }) => evidence)).toEqual(expect.arrayContaining(['1 of 1', 'none']));
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a node that was not cordoned', { cordonedAt: () => undefined }, 'every node that an event names is cordoned'],
    [
      'a drain that came too late',
      { interruptions: [{ node: 'a', way: 'lifecycle', deadlineAt: 1_003_999 }] },
      'every node that an event names is drained, before its instance goes where that is known',
    ],
    [
      'an action that timed out',
      { actions: [{ ...action, state: 'timed-out', result: 'ABANDON' }] },
      'every lifecycle hook is completed with CONTINUE',
    ],
    [
      'an action that was given up',
      { actions: [{ ...action, result: 'ABANDON' }] },
      'every lifecycle hook is completed with CONTINUE',
    ],
    [
      'a hook completed early',
      { emptyAt: () => 1_004_051 },
      'no hook is completed before the last pod that a drain takes away has left',
    ],
    ['a message deleted early', { messages: [{ ...message, deletedAt: 1_003_000 }] }, lost],
    [
      'marks without a record',
      { disagreements: ['a: nothing asks for the cordon'] },
      'the marks of a node are those that its record asks for, at every moment, and in the end none is claimed on which nothing is to be done',
    ],
    [
      'a message that is left',
      { messages: [{ ...message, deletedAt: undefined }] },
      'every message is deleted in the end',
    ],
    [
      'a pod evicted twice',
      { requests: [eviction, eviction] },
      'no pod is evicted again: an eviction that is under way is seen',
    ],
    ['a message received again in work', { receivedAgain: 1 }, once],
    ['a message deleted twice', { messages: [{ ...message, deletionCalls: 2 }] }, once],
    ['a hook completed twice', { refused: ['CompleteLifecycleAction of i-1'] }, once],
    [
      'a DaemonSet’s pod that is gone',
      { pods: [{ ...daemon, goneAt: 1 }] },
      'pods of DaemonSets, and of nodes that no event names, are left alone',
    ],
    ['another node that is cordoned', { cordonedAt: () => 1 }, 'nodes that no event names stay in service'],
    [
      'a taint that is gone',
      { lostMarks: ['the taint of x'] },
      'taints, labels and annotations that others have put on a node are kept',
    ],
    [
      'a question that the sandbox cannot answer',
      { unknown: ['GET /x'] },
      'nothing is asked that the sandbox does not know',
    ],
  ])('sees %s', (_, fields, claim) => {
    expect(failing(fields)).toEqual([claim]);
  });

  it('sees a pod that is left, and what was ended before it had', () => {
    expect(failing({ emptyAt: () => undefined })).toEqual([
      'every node that an event names is drained, before its instance goes where that is known',
      lost,
      'no hook is completed before the last pod that a drain takes away has left',
    ]);
  });

  it('does not count refused evictions and dry runs as done', () => {
    expect(failing({ requests: [eviction, { ...eviction, code: 429 }, { ...eviction, dryRun: true }] })).toEqual([]);
  });

  it('is not good when nothing happened', () => {
    expect(judge(NOTHING).filter(({ holds }) => !holds)).toHaveLength(4);
  });
});
