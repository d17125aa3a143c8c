import type { Plan } from './plan.ts';

/** A play in which nothing happens yet. */
export const QUIET: Plan = {
  ...{
    seed: 1,
    nodes: 1,
    agents: [],
    replicas: 1,
    interruptions: [],
    ends: {},
    holds: [],
    acts: [],
    clocks: {},
    settings: {},
  },
};

/** A Spot interruption twenty seconds before its end. */
const GOING_SOON: Plan = {
  ...QUIET,
  interruptions: [{ node: 0, way: 'spot', atMs: 100 }],
  ends: { goesAfterMs: 20_000 },
};

/** A lifecycle action whose hook waits for the drain. */
const HOOKED: Plan = { ...QUIET, interruptions: [{ node: 0, way: 'lifecycle', atMs: 500 }] };

/** What each program needs. */
const AWAY = [
  ['processor-1', 'aws'],
  ['processor-1', 'kubernetes'],
  ['agent-going-1', 'metadata-going-1'],
  ['agent-going-1', 'kubernetes'],
] as const;

/** Reports from the field, each by its number in docs/testing.md: what it stands for must not come again. */
export const REPORTS: Readonly<Record<string, Plan>> = {
  'W1: a node that was drained for a recommendation and uncordoned is drained again before its hook is completed': {
    ...QUIET,
    replicas: 2,
    interruptions: [
      { node: 0, way: 'rebalance', atMs: 100 },
      { node: 0, way: 'lifecycle', atMs: 20_000 },
    ],
    acts: [
      { kind: 'uncordon', node: 0, atMs: 10_000 },
      { kind: 'newcomer', node: 0, graceSeconds: 2, isLate: false, atMs: 10_500 },
    ],
  },
  'W2: a claim of a dead holder, drained and good for an hour, holds nothing up for long and completes nothing': {
    ...HOOKED,
    ends: { hookSeconds: 120 },
    acts: [{ kind: 'annotation', node: 0, atMs: 0, claim: 'drained' }],
  },
  // Breaks when what a group puts into service again stays taken out: in a pool that stops nothing, no boot tells of it.
  'W3: a node that comes back out of a warm pool is given back': {
    ...QUIET,
    acts: [{ kind: 'warm-pool', node: 0, forMs: 40_000, atMs: 100 }],
  },
  // Breaks when what ends in a warm pool and is no node is waited for as one that may become one.
  'W4: the hook of an instance that ends in its warm pool is completed': {
    ...QUIET,
    acts: [{ kind: 'pool-end', node: 0, forMs: 10_000, atMs: 100 }],
  },
  // Breaks when a target state of `Warmed:` asks for nothing.
  'W4: a node whose metadata tell that it goes back into its warm pool is drained': {
    ...QUIET,
    replicas: 0,
    agents: [0],
    settings: { ENABLE_ASG_LIFECYCLE_DRAINING: 'true' },
    acts: [{ kind: 'warmed', node: 0, forMs: 10_000, atMs: 100 }],
  },
  // Breaks when nobody writes on the node that its instance runs again.
  'W5: a node whose instance was stopped and runs again is given back': {
    ...QUIET,
    acts: [{ kind: 'restart', node: 0, forMs: 20_000, atMs: 100 }],
  },
  // Breaks when the taint is not among the marks that are given back, and when the moment of the stop stays in a record that nothing holds.
  'W6: the out-of-service taint goes with the other marks': {
    ...QUIET,
    acts: [
      { kind: 'upgrade', program: 'processor-1', env: { ENABLE_OUT_OF_SERVICE_TAINT: 'true' }, forMs: 100, atMs: 0 },
      { kind: 'restart', node: 0, forMs: 20_000, atMs: 5000 },
    ],
  },
  'W7: a node whose mark is refused until its event is taken back is given back': {
    ...QUIET,
    acts: [
      { kind: 'webhook', denies: 'patches of nodes', code: 403, forMs: 6000, atMs: 0 },
      { kind: 'maintenance', node: 0, forMs: 4000, comesAgain: false, atMs: 100 },
    ],
  },
  // Breaks when a program does not take up what a record found at its start still has to do.
  'W8: an event that has time waits on its node, whatever becomes of its message and of who read it': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'health', atMs: 5000 }],
    acts: [
      { kind: 'upgrade', program: 'processor-1', env: { SCHEDULED_EVENT_LEAD_TIME: '6600s' }, forMs: 100, atMs: 0 },
      { kind: 'crash', program: 'processor-1', calls: 1, forMs: 2000, atMs: 60_000 },
      { kind: 'annotation', node: 0, atMs: 600_000 },
    ],
  },
  // Breaks when the own pod of a program stays on the node that it drains.
  'W9: a program whose own node goes hands over last': {
    ...GOING_SOON,
    acts: [{ kind: 'home', node: 0, program: 'processor-1', graceSeconds: 5, atMs: 0 }],
  },
  // Breaks when a boot ends no plan, and when a plan that a boot has ended is one again for whoever starts anew.
  'W10: a reboot that is over and still listed drains no node again': {
    ...QUIET,
    replicas: 0,
    agents: [0],
    acts: [
      { kind: 'reboot', agent: 'agent-going-1', node: 0, forMs: 5000, atMs: 100 },
      { kind: 'crash', program: 'agent-going-1', calls: 1, forMs: 2000, atMs: 120_000 },
    ],
  },
  'W11: an older copy of a planned event that is closed revives nothing': {
    ...QUIET,
    replicas: 2,
    acts: [{ kind: 'maintenance', node: 0, forMs: 3000, comesAgain: true, atMs: 100 }],
  },
  'R1: a pod whose eviction a webhook denies is deleted when its grace only just fits': {
    ...GOING_SOON,
    holds: [{ node: 0, by: 'a webhook (403)', graceSeconds: 4, turnsMs: [], deletionsUntilMs: 0 }],
  },
  'R2: rights that come after seconds are used at once': {
    ...GOING_SOON,
    acts: [{ kind: 'fault', area: 'API server', name: 'forbids everything (RBAC taken away)', forMs: 3000, atMs: 0 }],
  },
  // Breaks when the API server's pause is kept to its end, and reaches past the last graceful moment.
  'R3: an eviction that flow control puts off for a minute is asked for again in seconds': {
    ...GOING_SOON,
    holds: [{ node: 0, by: 'a budget', graceSeconds: 2, turnsMs: [5000], deletionsUntilMs: 0 }],
    acts: [{ kind: 'throttle', retryAfterSeconds: 60, atMs: 0 }],
  },
  'R7: a node that a webhook keeps from being marked is drained before its instance goes': {
    ...GOING_SOON,
    acts: [{ kind: 'webhook', denies: 'patches of nodes', code: 403, forMs: 17_000, atMs: 0 }],
  },
  'R7: a pod that comes to a node which a webhook keeps from being marked is evicted before its instance goes': {
    ...GOING_SOON,
    acts: [
      { kind: 'webhook', denies: 'patches of nodes', code: 409, forMs: 17_000, atMs: 0 },
      { kind: 'newcomer', node: 0, graceSeconds: 2, isLate: false, atMs: 8000 },
    ],
  },
  // Breaks when a pod that has ended holds its drain until it is gone.
  'R8: a pod that has ended, and that a finalizer keeps, holds no drain': {
    ...HOOKED,
    acts: [{ kind: 'special-pod', node: 0, what: 'a pod of a Job that has ended and is still to be counted', atMs: 0 }],
  },
  // Breaks when the pods of every DaemonSet stay, also of one that is gone.
  'R10: a pod whose DaemonSet is gone is evicted': {
    ...HOOKED,
    acts: [{ kind: 'special-pod', node: 0, what: 'a pod of a DaemonSet that is gone', atMs: 0 }],
  },
  // Breaks when slow requests keep their places, all of which one node may have, and what can wait no longer waits for one: each makes up for the other.
  'R4: evictions that hang on one node hold up those of no other': {
    ...GOING_SOON,
    nodes: 2,
    interruptions: [
      { node: 0, way: 'rebalance', atMs: 500 },
      { node: 1, way: 'spot', atMs: 2000 },
    ],
    acts: [{ kind: 'crowd', node: 0, pods: 150, atMs: 0, forMs: 30_000 }],
  },
  // Breaks when a pod that came back is evicted as often as it comes.
  'R5: a pod that comes back to its node each time is evicted no more than twice since the cordon': {
    ...GOING_SOON,
    holds: [{ node: 0, by: 'a budget', graceSeconds: 2, turnsMs: [10_000], deletionsUntilMs: 0 }],
    acts: [{ kind: 'named-pod', node: 0, atMs: 0, forMs: 20_000 }],
  },
  // Breaks when a pod whose eviction was accepted is looked at no more.
  'R6: a pod whose eviction was accepted and forgotten is asked to go again': {
    ...HOOKED,
    acts: [{ kind: 'forgotten', atMs: 0 }],
  },
  // Breaks when pods that only a silent kubelet could end are waited for.
  'R9: a node whose kubelet is silent holds its hook no longer than a minute past the grace of its pods': {
    ...HOOKED,
    acts: [{ kind: 'silent-kubelet', node: 0, atMs: 0 }],
  },
  // Break when the answer is taken for the API server's own, and the pod for gone: its name comes first, and the pod is looked for, so that both must be taken out.
  // By 429 and 503, the same was misread alone, which only words show: `answers.test.ts`.
  ...Object.fromEntries(
    [404, 409].map((code) => [
      `R12: a pod whose eviction a webhook denies by ${code} is not gone`,
      {
        ...QUIET,
        interruptions: [{ node: 0, way: 'lifecycle', atMs: 100 }],
        acts: [{ kind: 'webhook', denies: 'evictions', code, forMs: 5000, atMs: 0 }],
      } satisfies Plan,
    ]),
  ),
  'R13: a pod whose deletion is denied as well is asked to the end': {
    ...GOING_SOON,
    holds: [{ node: 0, by: 'a policy', graceSeconds: 4, turnsMs: [], deletionsUntilMs: 15_000 }],
  },
  'E1: a budget is kept for as long as nobody says that the instance goes': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'rebalance', atMs: 100 }],
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [130_000], deletionsUntilMs: 0 }],
  },
  'E1: a budget is kept for as long as a hook waits': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'lifecycle', atMs: 100 }],
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [150_000], deletionsUntilMs: 0 }],
  },
  'E2: a drain goes on for as long as heartbeats hold its hook': {
    ...QUIET,
    interruptions: [{ node: 0, way: 'lifecycle', atMs: 100 }],
    ends: { hookSeconds: 120, beats: true },
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [170_000], deletionsUntilMs: 0 }],
  },
  // Breaks when a pod is deleted past its budget without a word.
  'E3: a Job that forgives disruptions survives that its pod is deleted past a budget': {
    ...GOING_SOON,
    acts: [
      { kind: 'special-pod', node: 0, what: 'a pod of a Job that forgives disruptions', atMs: 0 },
      { kind: 'budget', forMs: 20_000, atMs: 0 },
    ],
  },
  // Breaks when a pod of a DaemonSet that is to go is kept.
  'E6: where pods of DaemonSets are to go, all go': {
    ...HOOKED,
    settings: { IGNORE_DAEMON_SETS: 'false' },
  },
  // Breaks when the end of an instance is that of its first hook.
  'E8: a budget is kept for as long as the longer of two hooks waits': {
    ...QUIET,
    replicas: 2,
    interruptions: [{ node: 0, way: 'lifecycle', atMs: 100 }],
    ends: { hookSeconds: 300, otherHookSeconds: 60 },
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [100_000], deletionsUntilMs: 0 }],
  },
  // Breaks when a drain that only waits keeps its place, and what goes soon waits for one: each makes up for the other.
  'E7: a Spot notice does not wait for a place behind a drain that a budget holds': {
    ...GOING_SOON,
    nodes: 2,
    interruptions: [
      { node: 0, way: 'rebalance', atMs: 3000 },
      { node: 1, way: 'spot', atMs: 6000 },
    ],
    holds: [{ node: 0, by: 'a budget', graceSeconds: 30, turnsMs: [60_000], deletionsUntilMs: 0 }],
    acts: [{ kind: 'upgrade', program: 'processor-1', env: { WORKERS: '1' }, forMs: 100, atMs: 0 }],
  },
  // Breaks when a poll that fails is no turn of its loop, in the one program and in the other; and when a success does not make up for what failed before it.
  'P5: programs live on while all that they need is away for minutes': {
    ...QUIET,
    agents: [0],
    settings: { ENABLE_PROBES_SERVER: 'true' },
    interruptions: [{ node: 0, way: 'spot', atMs: 240_000 }],
    acts: [
      ...AWAY.map(
        ([program, service]) =>
          ({
            kind: 'link',
            program,
            service,
            trouble: 'refused',
            direction: 'both',
            atMs: 3000,
            forMs: 200_000,
          }) as const,
      ),
    ],
  },
};
