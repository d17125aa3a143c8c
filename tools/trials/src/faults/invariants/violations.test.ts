import { describe, expect, it } from 'vitest';
import { unsettled } from '../course.ts';
import { FOREIGN, SECRETS } from '../world.ts';
import type { World } from '../world.ts';
import { violations } from './violations.ts';

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
      cordonedAt: (name: string) => (name === 'going' ? seen.cordonedAt : undefined),
    },
    programs: [{ name: 'queue-processor', output: seen.output }],
    sandbox: {
      aws: {
        sqs: { message: () => ({ deletedAt: seen.deletedAt }) },
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

describe('what must never happen', () => {
  it('did not, when a node was drained in good order', () => {
    expect(violations(world())).toEqual([]);
    expect(unsettled(world())).toEqual([]);
  });

  it.each<[string, Partial<typeof good>, string]>([
    ['a node that was not cordoned', { cordonedAt: undefined }, 'event lost: going was never cordoned after lifecycle'],
    ['pods that are still there', { emptyAt: undefined }, 'event lost: going was never drained after lifecycle'],
    [
      'a message that is left',
      { deletedAt: undefined },
      'event never ended: the message about going is still in the queue',
    ],
    [
      'a message deleted early',
      { deletedAt: 150 },
      'event lost: the message about going was deleted before its drain was done',
    ],
    [
      'a hook completed early',
      { action: { ...good.action, endedAt: 150 } },
      'hook completed early: the action of going ended before its pods had',
    ],
    [
      'a hook given up',
      { action: { ...good.action, result: 'ABANDON' } },
      'hook not completed: the action of going is completed ABANDON',
    ],
    [
      'a taint that is lost',
      { nodes: [node('going', [])] },
      'foreign write: going lost the taint that others had put there',
    ],
    [
      'a pod that is nobody’s business',
      { pods: [...good.pods, { name: 'other', node: 'staying', goneAt: 1 }] },
      'foreign write: the pod other is gone, and nobody may have touched it',
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
    ['a pod evicted twice', { requests: [eviction, eviction] }, 'done twice: default/web was evicted again'],
    [
      'a hook completed twice',
      { refused: [{ call: 'CompleteLifecycleAction', instanceId: 'i-1' }] },
      'done twice: the action of i-1 was completed again',
    ],
    [
      'people told twice',
      { deliveries: [...good.deliveries, ...good.deliveries] },
      'done twice: the webhook was told drained of e on going again',
    ],
    ['nobody told', { deliveries: [] }, 'nobody was told that going is drained'],
    ['a secret in a log', { output: `x ${SECRETS.awsKey}` }, 'secret shown: awsKey in the log of queue-processor'],
    ['a call that nobody knows', { unknown: ['GET /x'] }, 'unknown call: GET /x'],
  ])('is seen: %s', (_what, spoiled, violation) => {
    expect(violations(world(spoiled))).toContain(violation);
  });

  it('is forgiven where a case says why', () => {
    const spoiled = world({ requests: [eviction, eviction], deliveries: [] });
    expect(violations(spoiled, { repeats: true, silentWebhook: true })).toEqual([]);
    const deleted = { verb: 'delete', resource: 'pods', subresource: '', name: 'web', user: 'u', code: 200 };
    expect(violations(world({ requests: [deleted] }), { deletions: true })).toEqual([]);
  });
});
