import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { StateChange } from '@node-termination-handler/event-parsers';
import { describe, expect, it } from 'vitest';
import type { NodeInterruption } from '../kinds.ts';
import { startOf } from '../record/ends.ts';
import { causeOf, CAUSES } from '../record/entry.ts';
import type { Interruption } from '../record/entry.ts';
import { after, lifecycle, rebalance, scheduled, spot, START, targetState } from '../testing/events.ts';
import { decide, DEFAULT_POLICY } from './decide.ts';
import type { Policy } from './decide.ts';
import type { HookFacts } from './end.ts';
import { DEFAULT_MARK_POLICY, endingOf, eventOf, hookOf, keyOf, noticeOf } from './notice.ts';
import type { MarkPolicy } from './notice.ts';

const base = {
  id: eventId('event-1'),
  monitor: 'SQS_MONITOR',
  description: '',
  instanceId: instanceId('i-1'),
  noticedAt: START,
  startTime: after(60),
} as const;
const state = (now: StateChange['state']): StateChange => ({ ...base, kind: 'STATE_CHANGE', state: now });
const reservation: NodeInterruption = { ...base, kind: 'CAPACITY_RESERVATION_ITN', action: 'terminate' };
const health: NodeInterruption = {
  ...scheduled('envelope-1'),
  cause: { type: 'health' as const, eventArn: 'arn:aws:health:eu-1::event/EC2/REBOOT/1' },
};

function notice(
  event: NodeInterruption,
  own: { policy?: Partial<Policy>; marks?: Partial<MarkPolicy>; facts?: HookFacts } = {},
) {
  const policy = { ...DEFAULT_POLICY, ...own.policy };
  const decision = decide(event, policy, START);
  if (!('actAt' in decision)) throw new Error('expected a decision to act');
  const hook = hookOf(event, false, own.facts);
  return noticeOf(event, decision, {
    policy,
    marks: { ...DEFAULT_MARK_POLICY, ...own.marks },
    source: 'sqs',
    now: START.getTime(),
    hook,
    facts: own.facts,
  });
}

describe('the key of an event', () => {
  it.each([
    ['spot', spot('a'), spot('b')],
    ['rebalance', rebalance('a'), rebalance('b')],
    ['state', state('stopping'), { ...state('stopped'), id: eventId('b') }],
    ['reservation', reservation, { ...reservation, id: eventId('b') }],
    ['target', targetState('a'), targetState('b')],
  ] as const)('names the cause alone: %s', (key, one, other) => {
    expect([keyOf(one), keyOf(other)]).toEqual([key, key]);
  });

  it('of a planned event is its id at EC2, whichever source told', () => {
    expect(keyOf(scheduled('instance-event-1'))).toBe('scheduled/instance-event-1');
    const fromQueue = {
      ...scheduled('envelope-1'),
      cause: { type: 'scheduled', eventId: 'instance-event-1' } as const,
    };
    expect(keyOf(fromQueue)).toBe('scheduled/instance-event-1');
  });

  it('of a Health event is its ARN with the instance: updates and copies have other ids', () => {
    expect(keyOf(health)).toBe('health/arn:aws:health:eu-1::event/EC2/REBOOT/1/i-1');
    expect(keyOf({ ...health, id: eventId('envelope-2') })).toBe(keyOf(health));
    expect(keyOf({ ...health, instanceId: instanceId('i-2') })).not.toBe(keyOf(health));
  });

  it('of a lifecycle action tells one from the next, and never holds the token', () => {
    const [one, other] = [keyOf(lifecycle('token-1')), keyOf(lifecycle('token-2'))];
    expect(causeOf(one)).toBe('action');
    expect(one).not.toBe(other);
    expect(one).not.toContain('token-1');
    const { hook: _hook, ...bare } = lifecycle('token-1');
    expect(causeOf(keyOf(bare))).toBe('action');
    expect(keyOf({ ...bare, noticedAt: after(1) })).not.toBe(keyOf(bare));
    // Received again, it is the same: only the moment of its receipt is another.
    expect(keyOf({ ...bare, startTime: after(1) })).toBe(keyOf(bare));
    expect(keyOf({ ...bare, autoScalingGroupName: 'group' })).not.toBe(keyOf(bare));
    const hook = { autoScalingGroupName: 'group', lifecycleHookName: 'hook' };
    expect(keyOf({ ...bare, hook: { ...hook, lifecycleHookName: 'second' } })).not.toBe(keyOf({ ...bare, hook }));
  });
});

describe('the notice of an event', () => {
  it('says when the instance goes, as far as its receiver knows', () => {
    const facts: HookFacts = { timeoutMs: 60_000, defaultResult: 'CONTINUE' };
    expect(notice(scheduled('e')).end).toEqual({ kind: 'fixed', at: after(3600).getTime(), source: 'schedule' });
    expect(notice(lifecycle('a'), { facts }).end).toMatchObject({ kind: 'held', timeoutMs: 60_000 });
    expect(hookOf(lifecycle('a'), true, facts)).toMatchObject({ defaultResult: 'CONTINUE' });
  });

  it('says whether the instance may run again', () => {
    expect(notice({ ...spot('s'), action: 'terminate' }).mayReturn).toBe(false);
    for (const action of ['stop', 'hibernate'] as const) expect(notice({ ...spot('s'), action }).mayReturn).toBe(true);
    for (const now of ['stopping', 'stopped'] as const) expect(notice(state(now)).mayReturn).toBe(true);
    for (const now of ['shutting-down', 'terminated'] as const) expect(notice(state(now)).mayReturn).toBe(false);
    for (const event of [reservation, scheduled('e'), rebalance('r'), lifecycle('a')])
      expect(notice(event).mayReturn).toBe(false);
    const way = { origin: 'AutoScalingGroup', destination: 'AutoScalingGroup', replacesRootVolume: true } as const;
    for (const more of [{ destination: 'WarmPool' }, way] as const)
      expect(notice({ ...lifecycle('l'), ...more }).mayReturn).toBe(true);
    expect(notice({ ...lifecycle('l'), origin: 'WarmPool', destination: 'EC2' }).mayReturn).toBe(false);
  });

  it('holds what its receiver decided, so that nobody needs the policy again', () => {
    const policy = { scheduledEventLeadTimeMs: 60_000, podDeadline: 'respect' } as const;
    const marks = { taintEffect: 'NoExecute', excludeFromLoadBalancers: true, conditions: true } as const;
    expect(notice(scheduled('e'), { policy, marks }).decision).toEqual({
      action: 'drain',
      lead: 60_000,
      podDeadline: 'respect',
      marks: { taint: 'NoExecute', loadBalancers: true, conditions: true, reboot: true },
    });
    expect(notice(spot('s'), { policy }).decision).toEqual({
      action: 'drain',
      lead: 'immediate',
      podDeadline: 'respect',
      marks: {},
    });
    expect(notice(spot('s')).decision).toStrictEqual({
      action: 'drain',
      lead: 'immediate',
      podDeadline: 'deadline',
      marks: {},
    });
    expect(notice(spot('s'), { policy: { cordonOnly: true } }).decision.action).toBe('cordon');
    expect(notice(scheduled('e', { restartsHost: false })).decision.marks).toEqual({});
  });

  it('keeps an id that fits, and a fingerprint of one that does not', () => {
    expect(notice(spot('spot-1')).id).toBe('spot-1');
    const strange = notice(spot(`${'x'.repeat(200)} \n`)).id;
    expect(strange.length).toBeLessThanOrEqual(128);
    expect(strange).toMatch(/^x+~[0-9a-f]{16}$/);
  });

  it('tells of the hook, whose owner is who completes it, and not of its token', () => {
    expect(hookOf(lifecycle('token-1'), true)).toEqual({
      group: 'group',
      name: 'hook',
      defaultResult: 'ABANDON',
      ours: true,
    });
    expect(hookOf(lifecycle('token-1'), false)).toMatchObject({ ours: false });
    expect(hookOf(targetState('t'), false)).toBeUndefined();
    expect(hookOf(targetState('t'), true)).toMatchObject({ ours: true, group: 'unknown', name: 'unknown' });
    expect(hookOf(spot('s'), true)).toBeUndefined();
    expect(notice(lifecycle('token-1')).hook).toMatchObject({ group: 'group', name: 'hook' });
    expect(notice(spot('s'))).not.toHaveProperty('hook');
  });

  it('of an end is told apart by its key alone', () => {
    const { key, source } = endingOf(scheduled('e-1', { state: 'canceled' }), DEFAULT_POLICY, 'ec2');
    expect([key, source]).toEqual(['scheduled/e-1', 'ec2']);
  });
});

describe('the event of an entry', () => {
  it.each([
    [spot('s'), { action: '' }],
    [reservation, { action: '' }],
    [scheduled('e'), { code: '', state: 'active' }],
    [state('stopped'), { state: 'stopping' }],
  ])('leaves empty what the record does not hold: $kind', (event, rest) => {
    const { source, ...facts } = notice(event);
    expect(eventOf({ ...facts, sources: [source], told: [], progress: 'settled' }, 'i-1')).toMatchObject(rest);
  });

  it.each([
    spot('spot-1'),
    rebalance('r-1'),
    scheduled('instance-event-1'),
    scheduled('instance-event-2', { restartsHost: false }),
    health,
    state('stopping'),
    reservation,
    lifecycle('action-1'),
    targetState('t-1'),
  ])('has the kind, the id and the moments that were noticed: $kind $id', (event) => {
    const { source, ...facts } = notice(event);
    const entry: Interruption = { ...facts, sources: [source], told: [], progress: 'settled' };
    const back = eventOf(entry, 'i-1');
    expect(back).toMatchObject({ kind: event.kind, id: event.id, instanceId: 'i-1', noticedAt: START });
    expect(back.kind).toBe(CAUSES[causeOf(entry.key)].kind);
    expect(back.startTime).toEqual(new Date(startOf(entry.end) ?? START));
    if ('restartsHost' in event) expect(back).toMatchObject({ restartsHost: event.restartsHost });
    expect(back.description).toContain('known from the record');
  });
});
