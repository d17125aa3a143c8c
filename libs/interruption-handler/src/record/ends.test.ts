import { describe, expect, it } from 'vitest';
import { actAt, isDismissible, isRetained, startIsAhead, startOf, timeLeft } from './ends.ts';
import type { InstanceEnd } from './ends.ts';
import type { Interruption, Notice } from './entry.ts';
import { tombstoneOf } from './noticed.ts';
import {
  action,
  entry,
  HOUR,
  MINUTE,
  rebalance,
  record,
  scheduled,
  SECOND,
  spot,
  stopped,
  T0,
} from './testing/notices.ts';

const GRACE = 120 * SECOND;

/** How long the instance has, `after` T0, by a grace of two minutes: its end, and before when pods are hurried, both after T0. */
function left(after: number, ...entries: readonly Interruption[]) {
  const { end, hurryBefore, isAtOnce } = timeLeft(record(...entries), { now: T0 + after, graceMs: GRACE });
  return { end: end - T0, hurryBefore: hurryBefore - T0, isAtOnce };
}
const endAt = (after: number, ...entries: readonly Interruption[]): number => left(after, ...entries).end;
const acts = (notice: Notice) => entry(notice, 'acting');

describe('when the instance goes', () => {
  const far = acts(spot({ endsIn: HOUR }));

  it('is the first end ahead of those that hold the node', () => {
    const plan = scheduled({ startsIn: 9 * HOUR });
    expect(endAt(0)).toBe(Infinity);
    expect(endAt(0, acts(plan), acts(scheduled({ eventId: 'b', startsIn: 5 * HOUR })))).toBe(5 * HOUR);
    expect(endAt(0, acts(plan), entry(scheduled({ eventId: 'b', startsIn: HOUR }), 'waiting'))).toBe(9 * HOUR);
    expect(endAt(0, acts(plan), tombstoneOf(scheduled({ eventId: 'b', startsIn: HOUR }), T0))).toBe(9 * HOUR);
    expect(endAt(HOUR, acts(plan), acts(scheduled({ eventId: 'b', startsIn: HOUR })))).toBe(9 * HOUR);
    expect(endAt(0, acts(rebalance()))).toBe(Infinity);
  });

  it('is no later than the grace period after an urgent notice, while that is ahead', () => {
    expect(endAt(0, far)).toBe(GRACE);
    expect(endAt(GRACE - 1, far)).toBe(GRACE);
    expect(endAt(GRACE, far)).toBe(HOUR);
    expect(endAt(0, acts(spot({ endsIn: MINUTE })))).toBe(MINUTE);
    expect(endAt(0, acts(stopped({ at: MINUTE })))).toBe(MINUTE + GRACE);
    expect(endAt(0, acts(scheduled({ startsIn: HOUR })))).toBe(HOUR);
  });

  it('is that of the hooks together: the latest of ours that wait, no later than one that abandons, none of one that is settled', () => {
    const [short, long] = [action({ token: 'a', timeout: 5 * MINUTE }), action({ token: 'b', timeout: 9 * MINUTE })];
    const abandons = action({ token: 'c', timeout: 6 * MINUTE, hook: { defaultResult: 'ABANDON' } });
    const others = action({ token: 'd', timeout: 3 * MINUTE, hook: { ours: false } });
    expect(endAt(0, acts(short), acts(long))).toBe(9 * MINUTE);
    expect(endAt(0, acts(short), acts(long), acts(abandons))).toBe(6 * MINUTE);
    expect(endAt(0, acts(long), acts(others))).toBe(9 * MINUTE);
    expect(endAt(0, acts(others), acts({ ...others, ...action({ token: 'e', hook: { ours: false } }) }))).toBe(
      3 * MINUTE,
    );
    expect(endAt(0, entry(short, 'settled'))).toBe(Infinity);
    expect(endAt(0, entry(others, 'settled'), acts(scheduled({ startsIn: HOUR })))).toBe(HOUR);
    expect(endAt(0, entry(abandons, 'settled'), acts(long))).toBe(9 * MINUTE);
    expect(endAt(0, acts(long), acts(scheduled({ startsIn: MINUTE })))).toBe(MINUTE);
    expect(endAt(0, acts(long), acts(scheduled({ startsIn: HOUR })))).toBe(9 * MINUTE);
  });

  it('hurries nobody’s pods before the end of those whose receiver allows it', () => {
    const respects = { decision: { podDeadline: 'respect' } } as const;
    const keeps = acts(scheduled({ eventId: 'a', startsIn: HOUR, ...respects }));
    expect(left(0, keeps)).toMatchObject({ end: HOUR, hurryBefore: Infinity });
    expect(left(0, keeps, acts(scheduled({ startsIn: 2 * HOUR })))).toMatchObject({ end: HOUR, hurryBefore: 2 * HOUR });
  });

  it('is at once where any that may be hurried is a hibernation', () => {
    const sleep = { ...spot(), end: { kind: 'fixed', at: T0 + HOUR, source: 'hibernation' } } as const;
    const respected = { ...sleep, decision: { ...sleep.decision, podDeadline: 'respect' } } as const;
    expect(left(0, acts(sleep)).isAtOnce).toBe(true);
    expect(left(0, acts(sleep), acts(scheduled({ startsIn: HOUR }))).isAtOnce).toBe(true);
    expect(left(0, acts(respected)).isAtOnce).toBe(false);
    expect(left(0, far, acts(action()), acts(rebalance())).isAtOnce).toBe(false);
  });
});

describe('a start', () => {
  const open = { kind: 'open', why: 'network-maintenance', startsAt: T0 + HOUR } as const;

  it('is known of what is fixed, and of what the instance survives where AWS says it', () => {
    expect(startOf(open)).toBe(T0 + HOUR);
    expect(startOf(rebalance().end)).toBeUndefined();
    expect(startOf(action().end)).toBeUndefined();
    expect(startOf(spot({ endsIn: HOUR }).end)).toBe(T0 + HOUR);
  });

  it('is acted on by its lead time before it, and what has none at once', () => {
    const lead = { decision: { lead: MINUTE } };
    expect(actAt({ ...scheduled(lead), end: open })).toBe(T0 + HOUR - MINUTE);
    expect(actAt(scheduled(lead))).toBe(-Infinity);
    expect(actAt(scheduled({ startsIn: HOUR }))).toBe(-Infinity);
  });

  it('is ahead until it comes; where nobody knows it, it is not', () => {
    expect(startIsAhead(acts(spot({ endsIn: HOUR })), T0 + HOUR - 1)).toBe(true);
    expect(startIsAhead(acts(spot({ endsIn: HOUR })), T0 + HOUR)).toBe(false);
    expect(startIsAhead(acts(rebalance()), T0)).toBe(false);
  });
});

describe('an open end', () => {
  const of = (end: InstanceEnd): Interruption => acts({ ...rebalance(), end });

  it('may be outlived by a person who wants the node, unless a hook waits', () => {
    for (const why of ['recommendation', 'no-start', 'network-maintenance', 'retained'] as const)
      expect(isDismissible(of({ kind: 'open', why }))).toBe(true);
    for (const why of ['timeout-unreadable', 'target-state'] as const)
      expect(isDismissible(of({ kind: 'open', why }))).toBe(false);
    expect(isDismissible(acts(spot()))).toBe(false);
    expect(isDismissible(acts(action()))).toBe(false);
  });

  it('is that of a retained instance where its group keeps it', () => {
    expect(isRetained({ kind: 'open', why: 'retained' })).toBe(true);
    expect(isRetained({ kind: 'open', why: 'no-start' })).toBe(false);
    expect(isRetained(spot().end)).toBe(false);
  });
});
