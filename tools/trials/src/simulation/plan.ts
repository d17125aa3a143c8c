import { seededRandom } from '@node-termination-handler/sandbox';
import { lastsMs } from '../faults/ends.ts';
import type { Ends } from '../faults/ends.ts';
import { makeSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { DELAYED, makeOperations, makeSettings } from './operations.ts';
import type { Operation } from './operations.ts';
import { makeDeeds, SPECIAL_POD_NAMES } from './people.ts';
import type { Deed } from './people.ts';
import { TROUBLES } from './troubles.ts';
import type { LinkTrouble, Trouble } from './troubles.ts';

/** Something that happens in a play, at a moment in ms since its begin. Programs are named by their pods. */
export type Act = { readonly atMs: number } & (
  | { readonly kind: 'fault'; readonly area: string; readonly name: string; readonly forMs: number }
  | (LinkTrouble & {
      readonly kind: 'link';
      readonly program: string;
      readonly service: string;
      readonly forMs: number;
    })
  /** At its so-many-th call into its environment from then on; another one begins a while later. */
  | { readonly kind: 'crash'; readonly program: string; readonly calls: number; readonly forMs: number }
  | { readonly kind: 'freeze'; readonly program: string; readonly forMs: number }
  /** The message of an interruption, from 0 in the order of their moments, comes once more, whoever works on it, and also when it was deleted. */
  | { readonly kind: 'redelivery'; readonly interruption: number }
  /** A person writes an annotation of his own on a node, from 0; or somebody who is gone left a claim there that says so. */
  | { readonly kind: 'annotation'; readonly node: number; readonly claim?: 'draining' | 'drained' }
  | Deed
  | Operation
);

/** All that happens in a play, and nothing of it by chance: the same seed makes the same plan. */
export interface Plan extends Pick<Schedule, 'seed' | 'nodes' | 'agents' | 'interruptions' | 'ends' | 'holds'> {
  /** How many queue-processors. */
  readonly replicas: number;
  readonly acts: readonly Act[];
  /** Clocks that are wrong, by the program. */
  readonly clocks: Readonly<Record<string, WrongClock>>;
  /** By how much the programs' timers ring late at the most, in ms. Default: not at all. */
  readonly lateMs?: number;
  /** What all programs are started with besides. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A clock that is wrong from the start of its program on. */
export interface WrongClock {
  /** By how much the wall clock is ahead, in ms; behind where negative. */
  readonly aheadMs: number;
  /** How fast it runs: 1 is right. */
  readonly rate: number;
}

/** How a queue-processor's pod is called. */
export const processorName = (replica: number): string => `processor-${replica + 1}`;

/** How the pod of a node's agent is called. */
export const agentName = (node: number): string => `agent-going-${node + 1}`;

/** How a node's metadata service is called in the network. */
export const metadataName = (node: number): string => `metadata-going-${node + 1}`;

const DIRECTIONS: readonly LinkTrouble['direction'][] = ['both', 'both', 'there', 'back'];

/** How long before instances go the last trouble is over, in ms. */
const RECOVERY_MS = 10_000;

/** What ends later than this is not hurried by what lasts for minutes, in ms. */
const PATIENCE_MS = 250_000;

/** How wrong a clock may be, in ms. */
const WRONG_MS = 240_000;

/** What keeps a node from being emptied while it lasts. */
const DENIALS: ReadonlySet<Act['kind']> = new Set(['budget', 'stateful', 'ec2-lag', 'webhook', 'registration']);

/** What ends a program that may be the only one to know what the record of a node said. */
const FORGETS: ReadonlySet<Act['kind']> = new Set(['crash', 'lost-host', 'upgrade', 'home']);

/** By how much timers ring late at the most: on a machine that has something else to do, and on one that has too much, in ms. */
const LATENESS_MS = [4, 40, 250];

/** Makes the plan of a seed. */
export function makePlan(seed: number): Plan {
  const { nodes, agents, interruptions: first, ends, holds: drawn, faults } = makeSchedule(seed);
  const random = seededRandom(seed ^ 0x51);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
  // What is recommended is often ordered soon after; an instance has one Spot notice, wherever that is read.
  const isOrdered = (node: number): boolean => first.some((one) => one.node === node && one.way === 'metadata');
  const later = first
    .filter(({ way, node }) => way === 'rebalance' && !isOrdered(node) && random() < 0.5)
    .map(({ node, atMs }): Plan['interruptions'][number] => ({ node, way: 'spot', atMs: atMs + 2000 + upTo(6000) }));
  const interruptions = [...first, ...later].toSorted((one, other) => one.atMs - other.atMs);
  const replicas = 1 + upTo(3);
  const processors = Array.from({ length: replicas }, (_, replica) => processorName(replica));
  const programs = [...processors, ...agents.map(agentName)];
  const acts: Act[] = faults.map(({ fault: { area, name }, atMs, forMs }) => ({
    kind: 'fault',
    area,
    name,
    atMs,
    forMs,
  }));
  const serviceOf = (program: string): string => {
    const node = agents.find((agent) => agentName(agent) === program);
    const services = ['kubernetes', 'kubernetes', 'webhook', node === undefined ? 'aws' : metadataName(node)];
    return pick(services);
  };
  for (let count = upTo(4); count > 0; count -= 1) {
    const program = pick(programs);
    const trouble = pick(Object.keys(TROUBLES) as readonly Trouble[]);
    const direction = pick(DIRECTIONS);
    acts.push({
      kind: 'link',
      program,
      service: serviceOf(program),
      trouble,
      direction,
      atMs: upTo(8000),
      forMs: 300 + upTo(12_000),
    });
  }
  for (let count = upTo(3); count > 0; count -= 1) {
    acts.push({
      kind: 'crash',
      program: pick(programs),
      calls: 1 + upTo(60),
      atMs: upTo(6000),
      forMs: 500 + upTo(8000),
    });
  }
  if (random() < 0.3)
    acts.push({ kind: 'freeze', program: pick(programs), atMs: upTo(6000), forMs: 1000 + upTo(25_000) });
  for (let count = upTo(3); count > 0; count -= 1)
    acts.push({ kind: 'redelivery', interruption: upTo(interruptions.length), atMs: 1000 + upTo(6000) });
  for (let count = upTo(6); count > 0; count -= 1)
    acts.push({ kind: 'annotation', node: upTo(nodes), atMs: upTo(4000) });
  const deeds = makeDeeds(seed, nodes);
  acts.push(...deeds, ...makeOperations(seed, nodes, { processors, agents: agents.map(agentName) }));
  // Of what a person has given back the queue may tell once more.
  for (const deed of deeds) {
    const interruption = interruptions.findIndex(({ node }) => deed.kind === 'uncordon' && node === deed.node);
    if (interruption < 0 || random() < 0.5) continue;
    acts.push({ kind: 'redelivery', interruption, atMs: deed.atMs + 500 + upTo(20_000) });
  }
  const lasts = (within: Ends, node?: number): boolean =>
    interruptions.every((one) => (node ?? one.node) !== one.node || lastsMs(one.way, within) > PATIENCE_MS);
  // Longer than anybody is waited for that can't be reached. Whoever begins anew meanwhile knows no node, and keeps no hook waiting.
  if (random() < 0.3 && lasts({ ...ends, beats: false })) {
    const trouble = pick(['held', 'lost', 'refused'] as const);
    const cut = { program: pick(processors), service: 'kubernetes', trouble, direction: 'both' } as const;
    acts.push({ kind: 'link', ...cut, atMs: upTo(1500), forMs: 125_000 + upTo(30_000) });
  }
  // Where nobody says that the instance goes, a pod may be held for as long as it likes.
  const holds = drawn.map((hold) => {
    if (later.some(({ node }) => node === hold.node) && random() < 0.6) return { ...hold, turnsMs: [] };
    const isLong = hold.turnsMs.length === 1 && lasts(ends, hold.node) && random() < 0.4;
    return isLong ? { ...hold, turnsMs: hold.turnsMs.map((ms) => ms + 100_000 + upTo(60_000)) } : hold;
  });
  const settings = makeSettings(seed);
  // While a hook is not completed yet its node may get another pod.
  for (const { node } of settings === DELAYED ? interruptions.filter(({ way }) => way === 'lifecycle') : [])
    acts.push({ kind: 'newcomer', node, graceSeconds: 1 + upTo(30), isLate: true, atMs: 4000 + upTo(6000) });
  const wrong = programs.filter(() => random() < 0.25);
  const clocks = Object.fromEntries(
    wrong.map((name) => [name, { aheadMs: upTo(2 * WRONG_MS) - WRONG_MS, rate: 0.998 + random() * 0.004 }]),
  );
  const isInTime = (act: Act): boolean => {
    // The record of a node whose object is gone is in the minds of the programs alone.
    if (act.kind === 'registration' && !hasWitness) return false;
    if (ends.goesAfterMs === undefined || !('forMs' in act) || act.kind === 'fault') return true;
    // What is denied until its instance goes is nobody's fault.
    if (DENIALS.has(act.kind)) return act.atMs + act.forMs < ends.goesAfterMs - RECOVERY_MS;
    // A program that is away till its instance goes can do nothing, and it may be the only one that was told.
    return act.kind === 'link' && act.atMs + act.forMs < ends.goesAfterMs - RECOVERY_MS;
  };
  // On a machine that is busy a timer rings late; of two that are due at once either may ring first.
  const lateness = seededRandom(seed ^ 0x1a7e);
  const lateMs = lateness() < 0.4 ? LATENESS_MS[Math.floor(lateness() * LATENESS_MS.length)] : undefined;
  const rare = makeRarities(seed, nodes, processors);
  acts.push(...rare.acts);
  const concerns = (act: Act, program: string): boolean => 'program' in act && act.program === program;
  const isWitness = (program: string): boolean =>
    !acts.some((act) => concerns(act, program) && (FORGETS.has(act.kind) || act.kind === 'link'));
  const hasWitness = !acts.some(({ kind }) => FORGETS.has(kind)) || processors.some(isWitness);
  const plan = {
    seed,
    nodes: nodes + rare.nodes,
    agents: [...agents, ...rare.agents],
    replicas,
    interruptions,
    ends,
    holds,
    acts: acts.filter(isInTime),
    clocks,
    ...(lateMs === undefined ? {} : { lateMs }),
    settings,
  };
  const turn = random();
  if (turn < 0.03) return inSilence(plan, upTo);
  return turn < 0.05 ? inCrowd(plan, upTo) : plan;
}

/**
 * What happens seldom, in a third of all plays, from numbers of its own: what takes an instance away otherwise than for good has a node of
 * its own, the last one, so that nobody else says when it goes.
 */
function makeRarities(
  seed: number,
  nodes: number,
  processors: readonly string[],
): { readonly acts: readonly Act[]; readonly nodes: number; readonly agents: readonly number[] } {
  const random = seededRandom(seed ^ 0x2a2e);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
  if (random() < 0.66) return { acts: [], nodes: 0, agents: [] };
  const forMs = 4000 + upTo(36_000);
  const own = pick<(() => Act & Operation) | undefined>([
    undefined,
    undefined,
    () => ({ kind: 'restart', node: nodes, forMs, atMs: upTo(8000) }),
    () => ({ kind: 'warm-pool', node: nodes, forMs, atMs: upTo(8000) }),
    () => ({ kind: 'pool-end', node: nodes, forMs, atMs: upTo(8000) }),
    () => ({ kind: 'reboot', node: nodes, agent: agentName(nodes), forMs: Math.round(forMs / 2), atMs: upTo(8000) }),
  ])?.();
  const node = upTo(nodes);
  const others: readonly (() => Act)[] = [
    () => ({ kind: 'special-pod', node, what: pick(SPECIAL_POD_NAMES), atMs: 0 }),
    () => ({ kind: 'forgotten', atMs: upTo(3000) }),
    () => ({ kind: 'throttle', retryAfterSeconds: 1 + upTo(20), atMs: upTo(3000) }),
    () => ({ kind: 'annotation', node, claim: pick(['draining', 'drained'] as const), atMs: 0 }),
    () => ({ kind: 'home', node, program: pick(processors), graceSeconds: 5 + upTo(25), atMs: 0 }),
    () => ({ kind: 'registration', node, forMs: 200 + upTo(8000), atMs: 500 + upTo(20_000) }),
  ];
  const drawn = others.filter(() => random() < 0.25).map((make) => make());
  return {
    acts: own === undefined ? drawn : [...drawn, own],
    nodes: own === undefined ? 0 : 1,
    agents: own?.kind === 'reboot' ? [nodes] : [],
  };
}

/** The only place is taken by a drain that has time, of many pods whose evictions hang, when a Spot notice comes; nothing else goes wrong. */
function inCrowd(plan: Plan, upTo: (limit: number) => number): Plan {
  return {
    ...plan,
    nodes: 2,
    agents: [],
    replicas: 1,
    interruptions: [
      { node: 0, way: 'rebalance', atMs: 500 },
      { node: 1, way: 'spot', atMs: 3000 + upTo(8000) },
    ],
    ends: {},
    holds: [],
    clocks: {},
    lateMs: 0,
    settings: { WORKERS: '1' },
    acts: [{ kind: 'crowd', node: 0, pods: 40 + upTo(40), atMs: 0, forMs: 60_000 }],
  };
}

/** A hook that waits for half a minute, for a pod that is on its way when all watches fall silent; nothing else goes wrong. */
function inSilence(plan: Plan, upTo: (limit: number) => number): Plan {
  const node = upTo(plan.nodes);
  const silence = { kind: 'fault', area: 'API server', name: 'lets watches fall silent', forMs: 25_000 } as const;
  return {
    ...plan,
    interruptions: [{ node, way: 'lifecycle', atMs: 500 }],
    ends: { hookSeconds: 30 },
    holds: [],
    clocks: {},
    lateMs: 0,
    settings: {},
    acts: [
      { kind: 'deletion', node, pod: upTo(3), endsAfterMs: 2000 + upTo(4000), atMs: 400 },
      { ...silence, atMs: 1000 + upTo(1000) },
    ],
  };
}
