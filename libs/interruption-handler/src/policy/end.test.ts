import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { StateChange } from '@node-termination-handler/event-parsers';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { NodeInterruption } from '../kinds.ts';
import type { InstanceEnd } from '../record/ends.ts';
import { after, fromImds, lifecycle, rebalance, scheduled, spot, START, targetState } from '../testing/events.ts';
import { DEFAULT_POLICY } from './decide.ts';
import { endOfEvent } from './end.ts';
import type { HookFacts } from './end.ts';

const at = (seconds: number): number => after(seconds).getTime();
const YEAR_S = 365 * 24 * 3600;
const base = {
  id: eventId('event-1'),
  monitor: 'SQS_MONITOR',
  description: '',
  instanceId: instanceId('i-1'),
  noticedAt: START,
} as const;
const reservation = { ...base, kind: 'CAPACITY_RESERVATION_ITN', action: 'terminate', startTime: after(90) } as const;
const state = (now: StateChange['state'], { noticed = 0, received = 0 } = {}): StateChange => ({
  ...base,
  kind: 'STATE_CHANGE',
  state: now,
  noticedAt: after(noticed),
  startTime: after(received),
});
const health = (facts: object) =>
  ({ ...scheduled('e', { inSeconds: 600 }), cause: { type: 'health', eventArn: 'arn' }, ...facts }) as const;
const fromMetadata = (event: NodeInterruption) => ({ ...event, monitor: 'SPOT_ITN_MONITOR' }) as NodeInterruption;
const late = <E extends NodeInterruption>(event: E, seconds: number): E => ({
  ...event,
  noticedAt: new Date(event.noticedAt.getTime() + seconds * 1000),
  startTime: new Date(event.startTime.getTime() + seconds * 1000),
});

const HOOK: HookFacts = { timeoutMs: 1_800_000, defaultResult: 'CONTINUE' };
const fixed = (seconds: number, source: Extract<InstanceEnd, { kind: 'fixed' }>['source']): InstanceEnd => ({
  kind: 'fixed',
  at: at(seconds),
  source,
});
const open = (why: Extract<InstanceEnd, { kind: 'open' }>['why'], startsIn?: number): InstanceEnd => ({
  kind: 'open',
  why,
  ...(startsIn === undefined ? {} : { startsAt: at(startsIn) }),
});
const held = (since: number, until: number): InstanceEnd => ({
  kind: 'held',
  since: at(since),
  timeoutMs: 1_800_000,
  extendableUntil: at(until),
});

type Row = readonly [facts: string, event: NodeInterruption, end: InstanceEnd, hook?: HookFacts];

/** What each kind of event says of the end of its instance; a kind without a row does not compile. */
const TABLE: Readonly<Record<NodeInterruption['kind'], readonly [Row, ...Row[]]>> = {
  SPOT_ITN: [
    ['terminate, in the metadata', fromMetadata(spot('s', { inSeconds: 40 })), fixed(40, 'metadata')],
    ['terminate, in the queue', spot('s'), fixed(120, 'envelope')],
    ['stop', { ...spot('s'), action: 'stop' }, fixed(120, 'envelope')],
    ['hibernate', { ...spot('s'), action: 'hibernate' }, fixed(0, 'hibernation')],
    ['hibernate, in the metadata', fromMetadata({ ...spot('s'), action: 'hibernate' }), fixed(0, 'hibernation')],
    ['received late', late(spot('s'), -100), fixed(20, 'envelope')],
    ['of a clock a little ahead', late(spot('s'), 290), fixed(410, 'envelope')],
    ['of a clock far ahead', late(spot('s'), YEAR_S), fixed(120, 'envelope')],
    ['hibernate, of a clock far ahead', { ...late(spot('s'), 600), action: 'hibernate' }, fixed(0, 'hibernation')],
  ],
  CAPACITY_RESERVATION_ITN: [
    ['its termination time', reservation, fixed(90, 'reservation')],
    ['of a clock far ahead', late(reservation, YEAR_S), fixed(90, 'reservation')],
  ],
  SCHEDULED_EVENT: [
    ['in the metadata', fromImds(scheduled('e', { inSeconds: 3600 })), fixed(3600, 'schedule')],
    ['in a year', scheduled('e', { inSeconds: YEAR_S }), fixed(YEAR_S, 'schedule')],
    ['begun already', scheduled('e', { inSeconds: -60 }), fixed(-60, 'schedule')],
    ['AWS Health', health({}), fixed(600, 'schedule')],
    ['AWS Health, without a start', health({ withoutEnd: 'no-start' }), open('no-start')],
    ['network maintenance', health({ withoutEnd: 'network-maintenance' }), open('network-maintenance', 600)],
  ],
  STATE_CHANGE: [
    ['stopping', state('stopping'), fixed(120, 'estimated')],
    ['stopped', state('stopped'), fixed(120, 'estimated')],
    ['shutting-down', state('shutting-down'), fixed(120, 'estimated')],
    ['terminated', state('terminated'), fixed(120, 'estimated')],
    ['received late', state('stopping', { noticed: -30, received: 0 }), fixed(90, 'estimated')],
    ['of a clock far ahead', state('stopping', { noticed: YEAR_S }), fixed(120, 'estimated')],
  ],
  REBALANCE_RECOMMENDATION: [['any', rebalance('r'), open('recommendation')]],
  ASG_LIFECYCLE: [
    ['a hook', lifecycle('a'), held(0, 1800), HOOK],
    ['a hook with heartbeats', lifecycle('a'), held(0, 3600), { ...HOOK, heartbeatUntilMs: 3_600_000 }],
    ['heartbeats end sooner', lifecycle('a'), held(0, 1800), { ...HOOK, heartbeatUntilMs: 60_000 }],
    ['heartbeats for days', lifecycle('a'), held(0, 48 * 3600), { ...HOOK, heartbeatUntilMs: 9e8 }],
    ['received late', { ...lifecycle('a'), noticedAt: after(-60) }, held(-60, 1740), HOOK],
    ['of a clock far ahead', { ...lifecycle('a'), noticedAt: after(3600) }, held(0, 1800), HOOK],
    ['nothing known of the hook', lifecycle('a'), open('timeout-unreadable')],
    ['no timeout', lifecycle('a'), open('timeout-unreadable'), { defaultResult: 'ABANDON' }],
    ['a group that retains', lifecycle('a'), open('retained'), { ...HOOK, isRetained: true }],
    ['the metadata', targetState('t'), open('target-state')],
    ['the metadata, a hook known', targetState('t'), open('target-state'), HOOK],
  ],
};

const ROWS = Object.entries(TABLE).flatMap(([kind, rows]) =>
  rows.map(([facts, event, end, hook]) => ({ kind, facts, event, end, hook })),
);

describe('the end of an instance', () => {
  it.each(ROWS)('by $kind, $facts', ({ event, end, hook }) => {
    expect(endOfEvent(event, DEFAULT_POLICY, START.getTime(), hook)).toEqual(end);
  });

  it('of a state change alone follows the setting', () => {
    const policy = { ...DEFAULT_POLICY, nodeTerminationGracePeriodSeconds: 30 };
    const moved = ROWS.filter(
      ({ event, end, hook }) => !isDeepStrictEqual(endOfEvent(event, policy, START.getTime(), hook), end),
    );
    expect(new Set(moved.map(({ kind }) => kind))).toEqual(new Set(['STATE_CHANGE']));
  });
});
