import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { instanceId } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { describe, expect, it } from 'vitest';
import type { DescribedInstance, Ec2Answer } from './describe.ts';
import { judgeInstance } from './judge-instance.ts';
import type { InstanceFacts, ManagedRule } from './judge-instance.ts';

const now = new Date('2026-01-02T03:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const event = { kind: 'ASG_LIFECYCLE', instanceId: instanceId('i-1') } as const;
const rule: ManagedRule = { checkTag: true, managedTag: { key: 'managed' }, region: 'eu-west-1' };
const node = { name: 'node-1' } as FoundNode;

function described(fields: Partial<DescribedInstance> = {}): Ec2Answer & { status: 'described' } {
  const instance: DescribedInstance = {
    id: 'i-1',
    state: 'running',
    launchTime: minutesAgo(1),
    metadata: { localHostname: 'node-1', accountId: '123456789012', instanceLifeCycle: 'spot' },
    tags: new Map([['managed', '']]),
    ...fields,
  };
  return { status: 'described', instance };
}

const untagged = { tags: new Map<string, string>() };
const silent: Ec2Answer[] = [{ status: 'unknown-id' }, { status: 'no-answer', error: new Error('throttled') }];

function judge(facts: Partial<InstanceFacts>, own: Partial<ManagedRule> = {}) {
  return judgeInstance({ event, ec2: described(), nodes: [node], now, ...facts }, { ...rule, ...own });
}

describe('the instance of an event', () => {
  it('is ours with the tag, or when the tag is not looked for', () => {
    expect(judge({})).toMatchObject({ status: 'ours', nodes: [node], instance: { id: 'i-1' } });
    expect(judge({ ec2: described(untagged) }, { checkTag: false })).toMatchObject({ status: 'ours' });
  });

  it('is ours by the tag’s value as well, where that is given (A17)', () => {
    const tags = (value: string) => described({ tags: new Map([['managed', value]]) });
    const own = (value: string) => ({ managedTag: { key: 'managed', value } });
    expect(judge({ ec2: tags('yes') }, own('yes'))).toMatchObject({ status: 'ours' });
    expect(judge({ ec2: tags('') }, own(''))).toMatchObject({ status: 'ours' });
    expect(judge({ ec2: tags('any') })).toMatchObject({ status: 'ours' });
    for (const ec2 of [tags('no'), tags(''), described(untagged)])
      expect(judge({ ec2 }, own('yes'))).toEqual({
        status: 'not-ours',
        reason: 'instance i-1 has no tag managed=yes',
      });
  });

  it('is ours while a node is it, whatever its state, its age, and without a name', () => {
    for (const state of ['shutting-down', 'terminated', 'stopping', 'stopped', 'running', 'pending']) {
      const ec2 = described({ state, metadata: { localHostname: '' }, launchTime: minutesAgo(600) });
      expect(judge({ ec2 }), state).toMatchObject({ status: 'ours' });
    }
  });

  it('has all nodes that claim to be it', () => {
    expect(judge({ nodes: [node, { ...node, name: 'node-2' }] })).toMatchObject({
      nodes: [{ name: 'node-1' }, { name: 'node-2' }],
    });
  });

  it('is not ours only when EC2 describes it without the tag', () => {
    const reason = 'instance i-1 has no tag managed';
    expect(judge({ ec2: described(untagged) })).toEqual({ status: 'not-ours', reason });
    expect(judge({ ec2: described({ ...untagged, state: 'terminated' }), nodes: [] })).toMatchObject({
      status: 'not-ours',
    });
  });

  it.each(['shutting-down', 'terminated'])(
    'that is %s and no node any more leaves its hook to be completed',
    (state) => {
      for (const localHostname of ['', 'node-1']) {
        const verdict = judge(
          { ec2: described({ state, metadata: { localHostname } }), nodes: [] },
          { checkTag: false },
        );
        expect(verdict).toMatchObject({ status: 'nothing-to-do', completesHook: true });
      }
    },
  );

  it('that has not become a node for a quarter of an hour becomes none, if it has the tag', () => {
    const old = described({ launchTime: minutesAgo(15) });
    expect(judge({ ec2: old, nodes: [] })).toMatchObject({ status: 'nothing-to-do', completesHook: true });
    // Without the check of tags the queue may be another cluster's as well.
    expect(judge({ ec2: old, nodes: [] }, { checkTag: false })).toMatchObject({
      status: 'nothing-to-do',
      completesHook: false,
    });
    const others = described({ ...untagged, launchTime: minutesAgo(15) });
    expect(judge({ ec2: others, nodes: [] }, { checkTag: false })).toMatchObject({ status: 'no-node-yet' });
  });

  it('may still become a node before that, and after it when it is being launched or its launch is not known', () => {
    expect(judge({ nodes: [] })).toMatchObject({ status: 'no-node-yet', instance: { id: 'i-1' } });
    expect(judge({ ec2: described({ launchTime: minutesAgo(14) }), nodes: [] }).status).toBe('no-node-yet');
    const { launchTime: _, ...unknown } = described().instance;
    expect(judge({ ec2: { status: 'described', instance: unknown }, nodes: [] }).status).toBe('no-node-yet');
    const launch = { ...event, kind: 'ASG_LAUNCH_LIFECYCLE' } as const;
    expect(judge({ event: launch, ec2: described({ launchTime: minutesAgo(60) }), nodes: [] }).status).toBe(
      'no-node-yet',
    );
  });

  it('is ours though EC2 is silent, when a node is it and no tag is looked for', () => {
    for (const ec2 of silent) expect(judge({ ec2 }, { checkTag: false })).toEqual({ status: 'ours', nodes: [node] });
  });

  it('is nobody’s yet when EC2 is silent and its tag counts; the region that was asked is named', () => {
    expect(silent.map((ec2) => judge({ ec2 }))).toEqual([
      {
        status: 'unknown',
        reason:
          'EC2 in eu-west-1 knows no instance i-1 (another region’s or account’s?): whether node node-1 has the tag managed is unknown',
      },
      {
        status: 'unknown',
        reason:
          'EC2 in eu-west-1 cannot be asked about instance i-1 (throttled): whether node node-1 has the tag managed is unknown',
      },
    ]);
    for (const checkTag of [true, false]) {
      expect(silent.map((ec2) => judge({ ec2, nodes: [] }, { checkTag }))).toMatchObject([
        { status: 'no-node-yet', reason: expect.stringContaining('EC2 in eu-west-1 knows no instance i-1') as string },
        { status: 'unknown', reason: expect.stringContaining('EC2 in eu-west-1 cannot be asked') as string },
      ]);
    }
  });

  it('has its message deleted, in every combination, only by a positive answer of EC2, and its hook completed only without a node', () => {
    const kinds: InterruptionEvent['kind'][] = ['SPOT_ITN', 'ASG_LIFECYCLE', 'ASG_LAUNCH_LIFECYCLE', 'STATE_CHANGE'];
    const states = ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'];
    const answers = [
      ...silent,
      ...states.flatMap((state) =>
        [untagged, {}].flatMap((tags) =>
          [1, 60].map((age) => described({ ...tags, state, launchTime: minutesAgo(age) })),
        ),
      ),
    ];
    for (const kind of kinds)
      for (const ec2 of answers)
        for (const nodes of [[], [node]])
          for (const checkTag of [true, false]) {
            const verdict = judge({ event: { ...event, kind }, ec2, nodes }, { checkTag });
            const isDescribed = ec2.status === 'described';
            const isTagged = isDescribed && ec2.instance.tags.has('managed');
            expect(verdict.status === 'not-ours').toBe(isDescribed && checkTag && !isTagged);
            if (verdict.status === 'nothing-to-do') expect([isDescribed, nodes]).toEqual([true, []]);
            if (verdict.status === 'ours') expect(nodes).toEqual([node]);
            const mayAct = nodes.length > 0 && (!checkTag || isTagged);
            expect(verdict.status === 'ours').toBe(mayAct);
          }
  });
});
