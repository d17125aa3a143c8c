import type { KubernetesRequest, LifecycleAction, QueueMessage } from '@node-termination-handler/sandbox';
import { describe, expect, it } from 'vitest';
import { timeline } from '../testing/report.ts';
import { judge } from './judge.ts';
import type { Evidence } from './judge.ts';

const node = timeline({ scene: 'lifecycle', hookCompletedAt: 1_004_050 });
const action: LifecycleAction = {
  token: 'token',
  instanceId: 'i-1',
  hook: {
    name: 'drain',
    group: 'workers',
    transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatTimeoutSeconds: 30,
    defaultResult: 'ABANDON',
    notificationMetadata: undefined,
  },
  state: 'completed',
  result: 'CONTINUE',
  startedAt: 1_000_000,
  deadlineAt: 1_030_000,
  endedAt: 1_004_050,
  history: [],
};
const message: QueueMessage = {
  messageId: 'm-1',
  queue: 'interruptions',
  body: '{}',
  sentAt: 1_000_000,
  receives: [],
  visibilityChanges: [],
  deletedAt: 1_004_100,
  deletionCalls: 1,
};
const eviction: KubernetesRequest = {
  verb: 'create',
  group: '',
  resource: 'pods',
  subresource: 'eviction',
  namespace: 'default',
  name: 'web-1',
  user: 'test',
  code: 201,
  at: 1_000_200,
  path: '/',
  dryRun: false,
  fieldSelector: '',
};
const good: Evidence = {
  timelines: [node],
  actions: [action],
  refusedCalls: [],
  messages: [message],
  messagesInQueue: 0,
  redeliveriesInWork: 0,
  requests: [eviction],
  lostDaemonPods: [],
  cordonedBystanders: [],
  lostUserTaints: [],
  unknown: [],
};
const failing = (fields: Partial<Evidence>): string[] =>
  judge({ ...good, ...fields })
    .filter(({ holds }) => !holds)
    .map(({ claim }) => claim);

describe('the verdict', () => {
  it('is good when everything was done once', () => {
    expect(failing({})).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a node that was not cordoned', { timelines: [{ ...node, cordonedAt: undefined }] }, 'every node is cordoned'],
    ['a pod that is left', { timelines: [{ ...node, podsLeft: 1 }] }, 'every node is drained before its deadline'],
    [
      'a drain that came too late',
      { timelines: [{ ...node, deadlineAt: 1_003_999 }] },
      'every node is drained before its deadline',
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
      { timelines: [{ ...node, drainedAt: 1_004_051 }] },
      'no hook is completed before its node is drained',
    ],
    ['a message that is left', { messages: [{ ...message, deletedAt: undefined }] }, 'every message is deleted'],
    ['a message still in the queue', { messagesInQueue: 1 }, 'every message is deleted'],
    ['a pod evicted twice', { requests: [eviction, eviction] }, 'nothing is done twice'],
    ['a message received again in work', { redeliveriesInWork: 1 }, 'nothing is done twice'],
    ['a message deleted twice', { messages: [{ ...message, deletionCalls: 2 }] }, 'nothing is done twice'],
    [
      'a hook completed twice',
      {
        refusedCalls: [
          { at: 0, call: 'CompleteLifecycleAction', group: 'g', hook: 'h', instanceId: 'i-1', token: 't', message: '' },
        ],
      },
      'nothing is done twice',
    ],
    ['a DaemonSet’s pod that is gone', { lostDaemonPods: ['monitoring/x'] }, 'pods of DaemonSets are left alone'],
    ['another node that is cordoned', { cordonedBystanders: ['x'] }, 'other nodes are left alone'],
    ['a taint that is gone', { lostUserTaints: ['x'] }, 'taints of the user are kept'],
    [
      'a question that the sandbox cannot answer',
      { unknown: ['GET /x'] },
      'nothing was asked that the sandbox does not know',
    ],
  ])('sees %s', (_, fields, claim) => {
    expect(failing(fields)).toEqual([claim]);
  });

  it('does not count refused evictions and dry runs as done', () => {
    expect(failing({ requests: [eviction, { ...eviction, code: 429 }, { ...eviction, dryRun: true }] })).toEqual([]);
  });

  it('is not good when nothing happened', () => {
    expect(failing({ timelines: [], actions: [], messages: [] })).toHaveLength(4);
  });
});
