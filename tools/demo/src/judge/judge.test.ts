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
  at: 0,
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
const once = 'no hook is completed and no message worked on twice';
const lost = 'and not before its work is done, or on record on its node';

describe('the verdict', () => {
  it('is good when everything was done once', () => {
    expect(failing({})).toEqual([]);
    expect(judge(good).map(({ evidence }) => evidence)).toEqual(expect.arrayContaining(['1 of 1', 'no exception']));
  });

  it.each<[string, Partial<Evidence>, string]>([
    [
      'a node that was not cordoned',
      { cordonedAt: () => undefined },
      'every node is cordoned: no new pod is put on it',
    ],
    [
      'a drain that came too late',
      { interruptions: [{ node: 'a', way: 'lifecycle', deadlineAt: 1_003_999 }] },
      'every node is empty before its instance goes',
    ],
    [
      'an action that timed out',
      { actions: [{ ...action, state: 'timed-out', result: 'ABANDON' }] },
      'every hook is completed: Auto Scaling need not wait longer',
    ],
    [
      'an action that was given up',
      { actions: [{ ...action, result: 'ABANDON' }] },
      'every hook is completed: Auto Scaling need not wait longer',
    ],
    ['a hook completed early', { emptyAt: () => 1_004_051 }, 'no hook is completed before its node is empty'],
    ['a message deleted early', { messages: [{ ...message, deletedAt: 1_003_000 }] }, lost],
    [
      'marks without a record',
      { disagreements: ['a: nothing asks for the cordon'] },
      'each node carries the marks that its record asks for, no other',
    ],
    [
      'a message that is left',
      { messages: [{ ...message, deletedAt: undefined }] },
      'every message is deleted, also the one that is no event',
    ],
    [
      'a pod evicted twice',
      { requests: [eviction, eviction] },
      'no pod is evicted twice: an eviction under way is seen',
    ],
    ['a message received again in work', { receivedAgain: 1 }, once],
    ['a message deleted twice', { messages: [{ ...message, deletionCalls: 2 }] }, once],
    ['a hook completed twice', { refused: ['CompleteLifecycleAction of i-1'] }, once],
    [
      'a DaemonSet’s pod that is gone',
      { pods: [{ ...daemon, goneAt: 1 }] },
      'pods of DaemonSets are left alone: they end with the instance',
    ],
    ['another node that is cordoned', { cordonedAt: () => 1 }, 'nodes that nothing was said about stay in service'],
    [
      'a taint that is gone',
      { lostMarks: ['the taint of x'] },
      'taints that others have put on a node are still there',
    ],
    [
      'a question that the sandbox cannot answer',
      { unknown: ['GET /x'] },
      'the sandbox could answer whatever it was asked',
    ],
  ])('sees %s', (_, fields, claim) => {
    expect(failing(fields)).toEqual([claim]);
  });

  it('sees a pod that is left, and what was ended before it had', () => {
    expect(failing({ emptyAt: () => undefined })).toEqual([
      'every node is empty before its instance goes',
      'no hook is completed before its node is empty',
      lost,
    ]);
  });

  it('does not count refused evictions and dry runs as done', () => {
    expect(failing({ requests: [eviction, { ...eviction, code: 429 }, { ...eviction, dryRun: true }] })).toEqual([]);
  });

  it('is not good when nothing happened', () => {
    expect(judge(NOTHING).filter(({ holds }) => !holds)).toHaveLength(4);
  });
});
