import fc from 'fast-check';
import { applied } from '@node-termination-handler/node-drainer';
import { describe, expect, it } from 'vitest';
import type { ClusterNode } from '../cluster/cluster.ts';
import { serialiseRecord } from '../record/annotation.ts';
import { CLAIM_ANNOTATION, holderName, incarnation, NO_BEATS, parseClaim } from '../record/claims.ts';
import type { EntryKey, Notice } from '../record/entry.ts';
import { isTombstone, PHASES } from '../record/entry.ts';
import * as notices from '../record/testing/notices.ts';
import { HOUR, MINUTE, SECOND, T0 } from '../record/testing/notices.ts';
import type { RecordInput } from '../record/transitions.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { isInWork, plan } from './plan.ts';
import type { Known, KnownNotice, Plan } from './plan.ts';

const SELF = { holder: holderName('kube-system', 'a'), incarnation: incarnation('own'), lease: 'nth' };

const anyNotice: fc.Arbitrary<Notice> = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map((s) => notices.spot({ at: s * SECOND })),
  fc.constant(notices.rebalance()),
  fc.constant(notices.stopped()),
  fc
    .boolean()
    .map((isFar) => notices.scheduled({ startsIn: isFar ? 3 * HOUR : 10 * MINUTE, decision: { lead: HOUR } })),
  fc.constant(notices.health({ startsIn: 2 * HOUR })),
  fc.constantFrom('a', 'b').map((token) => notices.action({ token })),
);

const anyInput: fc.Arbitrary<RecordInput> = fc.oneof(
  fc.constantFrom(
    notices.EMPTY_NODE,
    notices.POD_SEEN,
    notices.TIME,
    notices.returned(30 * SECOND),
    notices.hookDone(),
  ),
  anyNotice.map((notice): RecordInput => ({ type: 'ended', ending: { notice, at: notice.noticedAt + MINUTE } })),
);

const anyRider: fc.Arbitrary<RecordInput> = fc.record({
  type: fc.constant('told' as const),
  key: anyNotice.map(({ key }) => key),
  phase: fc.constantFrom(...PHASES),
});

const BARE_NODE = new ScriptedCluster().add('node-1', 'i-1');

const anyNode: fc.Arbitrary<ClusterNode> = fc
  .record({
    unschedulable: fc.boolean(),
    claim: fc.constantFrom(
      undefined,
      '{"holder":',
      JSON.stringify(SELF),
      JSON.stringify({ ...SELF, incarnation: 'before' }),
      JSON.stringify({ holder: 'kube-system/b', incarnation: 'b', lease: 'nth' }),
      JSON.stringify({ holder: 'kube-system/c' }),
    ),
    label: fc.constantFrom({}, { 'aws-node-termination-handler/event-id': 'instance-event-9' }),
  })
  .map(({ unschedulable, claim, label }) => ({
    ...BARE_NODE,
    unschedulable,
    labels: label,
    annotations: claim === undefined ? {} : { [CLAIM_ANNOTATION]: claim },
  }));

interface Story {
  readonly node: ClusterNode;
  readonly told: readonly Notice[];
  readonly inputs: readonly RecordInput[];
  readonly after: number;
}

const anyStory: fc.Arbitrary<Story> = fc.record({
  node: anyNode,
  told: fc.array(anyNotice, { maxLength: 4 }),
  inputs: fc.array(anyInput, { maxLength: 4 }),
  after: fc.integer({ min: 0, max: 4 * 3600 }),
});

function known(own: Partial<Known>, { told, after }: Story): Known {
  return {
    notices: new Map(
      told.map((notice): [EntryKey, KnownNotice] => [notice.key, { notice, witness: { sawItEnd: false } }]),
    ),
    askable: new Map(),
    inputs: [],
    riders: [],
    kept: undefined,
    inherited: undefined,
    book: undefined,
    beats: NO_BEATS,
    self: SELF,
    isStopping: false,
    now: T0 + after * SECOND,
    monotonic: after * SECOND,
    bootedAt: undefined,
    graceMs: 2 * MINUTE,
    ...own,
  };
}

/** The node as a plan leaves it, and what the process that wrote it knows then: what it saw end, it knows no more. */
function after(
  { node, ...story }: Story,
  { isNews, change, book, claims, after: record }: Plan,
): [Story, Partial<Known>] {
  const left = isNews ? applied(node, change) : node;
  const ended = new Set(record.entries.filter(isTombstone).map(({ key }) => key));
  const noted = claims === 'takes' ? { ...book, claim: SELF, isHeld: true } : { ...book, isHeld: false };
  return [{ ...story, node: left, inputs: [], told: story.told.filter(({ key }) => !ended.has(key)) }, { book: noted }];
}

describe('the plan for a node object that is new', () => {
  it('of an instance that was being taken out of service goes on with that: nobody has given the new one back', () => {
    fc.assert(
      fc.property(anyNotice, (notice) => {
        const node: ClusterNode = { ...BARE_NODE, unschedulable: false };
        const story = { node, told: [notice], inputs: [], after: 0 };
        const inherited = plan(node, known({}, story)).after;
        const born = plan({ ...node, uid: 'uid-2' }, known({ inherited }, { ...story, told: [], after: 1 }));
        const [was] = inherited.entries;
        expect(born.after.entries).toMatchObject([{ key: was?.key, progress: was?.progress }]);
        expect(born.claims).toBe(born.after.entries.some(isInWork) ? 'takes' : 'keeps');
        expect(born.change.unschedulable).toBe(was?.progress === 'waiting' ? 'as-found' : true);
      }),
    );
  });
});

describe('a plan', () => {
  it('is idempotent: on the node as it left it nothing is news', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const first = plan(story.node, known({ inputs: story.inputs }, story));
        const [next, own] = after(story, first);
        const again = plan(next.node, known(own, next));
        expect(again.isNews).toBe(false);
        // What it would write all the same is what stands there.
        expect(applied({ ...next.node, annotated: true }, again.change)).toEqual({ ...next.node, annotated: true });
        expect(serialiseRecord(again.after)).toBe(serialiseRecord(again.before));
      }),
      { numRuns: 500 },
    );
  });

  it('asks for no patch because of riders alone, and takes them along with the next', () => {
    fc.assert(
      fc.property(anyStory, fc.array(anyRider, { minLength: 1, maxLength: 4 }), (story, riders) => {
        const [later, own] = after(story, plan(story.node, known({ inputs: story.inputs }, story)));
        expect(plan(later.node, known({ ...own, riders }, later)).isNews).toBe(false);
        const witness = { sawItEnd: false };
        const inputs = [{ type: 'noticed', notice: notices.scheduled({ eventId: 'new' }), witness } as const];
        const next = plan(later.node, known({ ...own, riders, inputs }, later));
        expect(next.isNews).toBe(true);
        for (const { key, told } of next.after.entries)
          for (const rider of riders)
            if (rider.type === 'told' && rider.key === key) expect(told).toContain(rider.phase);
      }),
      { numRuns: 500 },
    );
  });

  it('never overwrites the claim of another unless the turn says so, and ends it only with the work', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const found = parseClaim(story.node.annotations[CLAIM_ANNOTATION]);
        const { before, after, claims, turn, change } = plan(story.node, known({ inputs: story.inputs }, story));
        const isOver = before.entries.some(isInWork) && !after.entries.some(isInWork);
        const writes = change.annotations !== undefined && CLAIM_ANNOTATION in change.annotations;
        expect(writes).toBe(claims !== 'keeps' || isOver);
        if (found !== undefined && found.holder !== SELF.holder && writes && !isOver)
          expect(turn).toMatchObject({ turn: 'ours', claim: 'take' });
        if (claims === 'takes') expect(turn).toMatchObject({ turn: 'ours', claim: 'take' });
      }),
      { numRuns: 500 },
    );
  });

  it('holds a node unschedulable exactly while an entry holds it, and touches nothing else', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const first = plan(story.node, known({ inputs: story.inputs }, story));
        const [{ node }] = after(story, first);
        const holds = first.after.entries.some(({ progress }) => ['acting', 'emptied', 'settled'].includes(progress));
        if (holds) expect(node.unschedulable).toBe(true);
        else expect(node.unschedulable).toBe(story.node.unschedulable);
      }),
      { numRuns: 500 },
    );
  });

  it('believes no look at the pods with the patch that puts the cordon on: some may have come since', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const open = { ...story, node: { ...story.node, unschedulable: false } };
        const [marked, own] = after(open, plan(open.node, known({ inputs: open.inputs }, open)));
        // Somebody uncordons the node while a look at its pods is noted.
        for (const node of [open.node, { ...marked.node, unschedulable: false }]) {
          const blind = plan(node, known(own, marked));
          fc.pre(blind.change.unschedulable === true);
          const looked = plan(node, known({ ...own, inputs: [notices.EMPTY_NODE] }, marked));
          expect(looked.after).toEqual(blind.after);
        }
      }),
    );
  });

  it('says what of the annotation was no record, and replaces it', () => {
    const story: Story = { node: fc.sample(anyNode, 1)[0]!, told: [], inputs: [], after: 0 };
    // What the Go handler has left there would be read in its place.
    const unmarked = { labels: {}, taints: [] };
    const node = { ...story.node, ...unmarked, annotations: { 'aws-node-termination-handler/interruptions': '[]' } };
    const { problems, isNews, change } = plan(node, known({}, story));
    expect([problems, isNews]).toEqual([['it is no record of this program'], true]);
    expect(change.annotations).toMatchObject({ 'aws-node-termination-handler/interruptions': null });
  });
});
