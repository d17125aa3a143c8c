import { HOUR, MINUTE, action, health, rebalance, scheduled, spot, stopped } from './notices.ts';
import type { Scenario } from './world.ts';

/*
 * What is explored, and what is not.
 *
 * Bounds: the replicas, notices, copies and ticks of each scenario; one fault in each run (two in one of them), of any kind and anywhere (a crash with a later
 * start, a patch or a call whose answer is lost, a holder whose beats are held up); people as often as a scenario says; one pod at a time.
 *
 * Symmetries: replicas of one kind, copies of one message, and the order of a record's entries are interchangeable; states are visited once
 * for all of their orders.
 *
 * Simplifications, each of which only adds behaviour or is kept true by the programs:
 * - A read and the write that lands are one step: whatever came between would have had the write refused, and a refused write changes
 *   nothing. The patch tests the record, the claim and, where it takes or lifts a cordon, schedulability. Where a mutation does not
 *   test the claim, they are two.
 * - The look at the pods and the completion that follows it at once are one step. A look and the write of what it saw are two where a pod
 *   may come in between.
 * - The time for which a holder is believed passes at any moment; 15 s without a sign of a holder pass whenever there is none.
 * - The hook's time-out and the instance's end come at any moment after theirs; a message is received at any moment after it was sent.
 * - Whoever is up may look at the pods whenever the record says that none is left.
 * - A process that loses its claim sees that at once; until then it could only evict what must go anyway.
 */

const QUIET = { faults: 1, cordons: 0, uncordons: 0, arrivals: 0, tickMs: MINUTE } as const;

const ALWAYS = { from: 0, until: Infinity } as const;

/** The explorations, each with its bounds. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...QUIET,
    name: 'a lifecycle action, told twice, and a Spot notice that the agent reads',
    replicas: ['replica', 'replica', 'replica', 'agent'],
    notices: [
      { notice: action({ timeout: MINUTE }), copies: 2, sentAt: 0 },
      { notice: spot({ mayReturn: false, endsIn: MINUTE }), copies: 0, sentAt: 0, listed: ALWAYS },
    ],
    ticks: 1,
    hookEndsAt: 1,
    goesAt: 1,
    leastStates: 60_000,
    goal: 'emptied',
  },
  {
    ...QUIET,
    name: 'the same before one replica and the agent, with two faults',
    replicas: ['replica', 'agent'],
    notices: [
      { notice: action({ timeout: MINUTE }), copies: 2, sentAt: 0 },
      { notice: spot({ mayReturn: false, endsIn: MINUTE }), copies: 0, sentAt: 0, listed: ALWAYS },
    ],
    ticks: 1,
    faults: 2,
    hookEndsAt: 1,
    goesAt: 1,
    leastStates: 30_000,
    goal: 'emptied',
  },
  {
    ...QUIET,
    name: 'a recommendation that a person dismisses, then a lifecycle action',
    replicas: ['replica', 'replica', 'agent'],
    notices: [
      { notice: rebalance({ decision: { action: 'drain' } }), copies: 0, sentAt: 0, listed: ALWAYS },
      { notice: action({ timeout: MINUTE }), copies: 1, sentAt: 0 },
    ],
    ticks: 0,
    uncordons: 1,
    arrivals: 1,
    leastStates: 40_000,
    goal: 'emptied',
  },
  {
    ...QUIET,
    name: 'a person who cordons and uncordons again and again',
    replicas: ['replica', 'agent'],
    notices: [
      { notice: rebalance({ decision: { action: 'drain' } }), copies: 0, sentAt: 0, listed: ALWAYS },
      { notice: action({ timeout: MINUTE }), copies: 1, sentAt: 0 },
    ],
    ticks: 0,
    uncordons: 2,
    cordons: 1,
    arrivals: 1,
    leastStates: 20_000,
    goal: 'emptied',
  },
  {
    ...QUIET,
    name: 'an instance that is stopped and runs again, and messages of it that come late',
    replicas: ['replica', 'agent'],
    notices: [
      { notice: spot({ endsIn: MINUTE }), copies: 1, sentAt: 0, listed: { from: 0, until: 1 } },
      { notice: stopped(), copies: 1, sentAt: 0 },
    ],
    ticks: 1,
    comesBack: { at: 1, how: 'returned' },
    cordons: 1,
    leastStates: 40_000,
    goal: 'given back',
  },
  {
    ...QUIET,
    name: 'a planned reboot that the record waits for, and EC2 lists for longer than it takes',
    replicas: ['replica', 'replica', 'agent'],
    notices: [
      {
        notice: scheduled({ startsIn: 2 * HOUR, decision: { lead: HOUR } }),
        copies: 0,
        sentAt: 0,
        listed: { from: 0, until: 3 },
      },
      { notice: health({ startsIn: 2 * HOUR, decision: { lead: HOUR } }), copies: 1, sentAt: 0 },
    ],
    ticks: 3,
    tickMs: HOUR,
    comesBack: { at: 2, how: 'booted' },
    leastStates: 10_000,
    goal: 'given back',
  },
  {
    ...QUIET,
    name: 'a replica of the version before this one among the others',
    replicas: ['replica', 'replica', 'old replica'],
    notices: [
      { notice: action({ timeout: MINUTE }), copies: 1, sentAt: 0 },
      { notice: rebalance({ source: 'sqs' }), copies: 1, sentAt: 0 },
    ],
    ticks: 2,
    hookEndsAt: 1,
    leastStates: 30_000,
    goal: 'emptied',
  },
];
