import { isTombstone, owesHook } from '../entry.ts';
import { RULES } from './steps.ts';
import type { Rules } from './steps.ts';

/** One deliberate mistake in the functions under judgement, and in which exploration it shows. */
export interface Mutation {
  readonly name: string;
  /** Part of the name of the scenario that finds it. */
  readonly scenario: string;
  readonly rules: Partial<Rules>;
  /** What the judge says. */
  readonly found: RegExp;
}

/** Mistakes that were made before, or easily could be. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a remembered `emptied` completes the hook without a look',
    scenario: 'dismisses',
    rules: {
      mayComplete: (entry) => owesHook(entry) && (entry.decision.action === 'cordon' || entry.progress === 'emptied'),
    },
    found: /hook was completed while a pod/,
  },
  {
    name: 'a claim is taken without a test of the one that was read',
    scenario: 'told twice',
    rules: { claimIsTested: false },
    found: /which is alive: both believe/,
  },
  {
    name: 'what is over is forgotten at once',
    scenario: 'dismisses',
    rules: {
      next: (record, input, seen) => {
        const after = RULES.next(record, input, seen);
        return { ...after, entries: after.entries.filter((entry) => !isTombstone(entry)) };
      },
    },
    found: /rebalance was over, and a copy of its notice began it anew/,
  },
  {
    name: 'a notice is compared with the wrong side of the return',
    scenario: 'runs again',
    rules: {
      next: ({ returnedAt, ...record }, input, seen) => {
        const isBefore = input.type === 'noticed' && returnedAt !== undefined && input.notice.noticedAt < returnedAt;
        const isAfter = input.type === 'noticed' && returnedAt !== undefined && input.notice.noticedAt > returnedAt;
        if (isAfter) return { ...record, returnedAt };
        if (!isBefore)
          return RULES.next({ ...record, ...(returnedAt === undefined ? {} : { returnedAt }) }, input, seen);
        const living = record.entries.filter((entry) => !isTombstone(entry));
        return {
          ...RULES.next({ ...record, entries: living }, { ...input, witness: { sawItEnd: false } }, seen),
          returnedAt,
        };
      },
    },
    found: /began it anew/,
  },
  {
    name: 'the node is given back while another interruption holds it',
    scenario: 'told twice',
    rules: {
      marksOf: (record) =>
        RULES.marksOf(
          record.entries.some((entry) => entry.progress === 'settled') ? { ...record, entries: [] } : record,
        ),
    },
    found: /it is not cordoned|taints are not those/,
  },
  {
    name: 'a message is deleted as soon as it is in the record',
    scenario: 'told twice',
    rules: { messageMayGo: (record, notice) => record.entries.some(({ key }) => key === notice.key) },
    found: /no message tells of it any more/,
  },
  {
    name: 'whoever looks has the turn',
    scenario: 'told twice',
    rules: {
      whoseTurn: (book, beats, question, self, now) => {
        const judged = RULES.whoseTurn(book, beats, question, self, now);
        return judged.turn.turn === 'theirs'
          ? { ...judged, turn: { turn: 'ours', claim: 'take', because: 'free' } }
          : judged;
      },
    },
    found: /which is alive: both believe/,
  },
  {
    name: 'every cordon is ours',
    scenario: 'runs again',
    rules: { next: (record, input, seen) => RULES.next(record, input, { ...seen, cordonedByOthers: false }) },
    found: /a person’s cordon was taken away/,
  },
];
