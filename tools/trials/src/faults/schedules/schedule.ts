import { seededRandom } from '@node-termination-handler/sandbox';
import { catalogue } from '../catalogue.ts';
import type { Fault } from '../fault.ts';
import { HOOK_SECONDS, lastsMs } from '../ends.ts';
import type { Ends, Way } from '../ends.ts';
import { HOLDER_NAMES } from './holds.ts';
import type { PlannedHold } from './holds.ts';

/** An interruption of a schedule. */
interface PlannedInterruption {
  /** Which of the nodes, from 0. */
  readonly node: number;
  readonly way: Way;
  readonly atMs: number;
}

/** A fault of a schedule. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly atMs: number;
  readonly forMs: number;
}

/** What happens when, and nothing of it by chance: the same seed makes the same schedule. */
export interface Schedule {
  readonly seed: number;
  readonly nodes: number;
  /** Which nodes have an agent; a queue-processor runs always. */
  readonly agents: readonly number[];
  readonly interruptions: readonly PlannedInterruption[];
  readonly faults: readonly PlannedFault[];
  readonly ends: Ends;
  /** Pods that are held. */
  readonly holds: readonly PlannedHold[];
  /** When a program is killed and started again, if one is. */
  readonly kill: { readonly program: 'imds-agent' | 'queue-processor'; readonly atMs: number } | undefined;
}

const QUEUE_WAYS: readonly Way[] = [
  'spot',
  'lifecycle',
  'lifecycle',
  'state-change',
  'capacity-reservation',
  'rebalance',
];

/** Faults that are not worth their time here: a hung call is given up after many seconds, which the matrix shows. */
function isQuick({ boundSeconds = 0 }: Fault): boolean {
  return boundSeconds <= 15;
}

interface Drawing {
  readonly upTo: (limit: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
}

function drawing(random: () => number): Drawing {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  return { upTo, pick: <Item>(items: readonly Item[]) => items[upTo(items.length)] as Item };
}

/** Makes the schedule of a seed. */
export function makeSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const { upTo, pick } = drawing(random);
  const nodes = 1 + upTo(3);
  const agents = Array.from({ length: nodes }, (_, node) => node).filter(() => random() < 0.4);
  const interruptions = Array.from({ length: nodes }, (_, node) => node).flatMap((node) => {
    const first: PlannedInterruption = { node, way: pick(QUEUE_WAYS), atMs: upTo(1500) };
    const isSeenTwice = agents.includes(node) && random() < 0.6;
    return isSeenTwice ? [first, { node, way: 'metadata' as const, atMs: upTo(1500) }] : [first];
  });
  const faults: PlannedFault[] = [];
  for (let count = 1 + upTo(3); count > 0; count--) {
    const fault = pick(catalogue.filter(isQuick));
    // Two faults of one service at once would undo each other's end.
    if (faults.some((other) => other.fault.area === fault.area)) continue;
    faults.push({ fault, atMs: upTo(1500), forMs: 300 + upTo(1700) });
  }
  const isKilled = random() < 0.2;
  const kill = isKilled
    ? {
        program: agents.length > 0 && random() < 0.4 ? ('imds-agent' as const) : ('queue-processor' as const),
        atMs: 300 + upTo(1500),
      }
    : undefined;
  const troubleMs = Math.max(...faults.map(({ atMs, forMs }) => atMs + forMs), kill?.atMs ?? 0);
  const hook = pick(HOOKS);
  // So late that every fault is over and recovered from.
  const goesAfterMs = random() < 0.1 ? 1000 * Math.ceil((troubleMs + 15_000) / 1000) : undefined;
  const ends: Ends = goesAfterMs === undefined ? hook : { goesAfterMs, hookSeconds: goesAfterMs / 1000 };
  const held = Array.from({ length: nodes }, (_, node) => node).filter(
    () => goesAfterMs !== undefined || random() < 0.5,
  );
  const holds = held.map((node) => {
    const told = interruptions.filter((one) => one.node === node);
    const endMs = Math.min(...told.map(({ way, atMs }) => atMs + lastsMs(way, ends)));
    return { node, ...makeHold(endMs, random) };
  });
  return { seed, nodes, agents, interruptions, faults, ends, holds, kill };
}

/** Hooks whose time a pod's grace may nearly take, that heartbeats keep waiting, and that wait long. */
const HOOKS: readonly Ends[] = [{ hookSeconds: 120 }, { hookSeconds: 120, beats: true }, {}];

/** Graces of pods, in seconds: those that fit whatever comes, and those that would not under an end that is no end. */
const GRACES = [2, 30, 112, 116];

/**
 * Holds a pod for good, so that it must be hurried, or lets it go after a while. The last graceful moment of one that is held for good is
 * some seconds after the notice, or before the end of what goes soon.
 */
function makeHold(endMs: number, random: () => number): Omit<PlannedHold, 'node'> {
  const { upTo, pick } = drawing(random);
  const by = pick(HOLDER_NAMES);
  const isSoon = endMs < 60_000;
  if (isSoon || (endMs < 200_000 && random() < 0.5)) {
    const graceSeconds = isSoon ? 2 + upTo(4) : Math.floor((endMs - 2000) / 1000) - 2 - upTo(5);
    const lastGracefulMs = endMs - 2000 - graceSeconds * 1000;
    const deletionsUntilMs = random() < 0.4 ? lastGracefulMs + 300 + upTo(isSoon ? 1000 : 3000) : 0;
    return { by, graceSeconds, turnsMs: [], deletionsUntilMs };
  }
  const opensMs = 800 + upTo(3000);
  const shutsMs = opensMs + 200 + upTo(800);
  const turnsMs = random() < 0.5 ? [opensMs] : [opensMs, shutsMs, shutsMs + 500 + upTo(2500)];
  return { by, graceSeconds: pick(GRACES), turnsMs, deletionsUntilMs: 0 };
}

/** A schedule in one line, for people. */
export function describeSchedule({ nodes, agents, interruptions, faults, ends, holds, kill }: Schedule): string {
  const { goesAfterMs, hookSeconds = HOOK_SECONDS, beats = false } = ends;
  const goes = goesAfterMs === undefined ? '' : `, gone ${goesAfterMs} ms after a notice`;
  const events = interruptions.map(({ node, way, atMs }) => `${atMs} ms ${way} of going-${node + 1}`);
  const troubles = faults.map(({ fault, atMs, forMs }) => `${atMs}–${atMs + forMs} ms ${fault.area} ${fault.name}`);
  const held = holds.map(({ node, by, graceSeconds, turnsMs, deletionsUntilMs }) => {
    const opens = turnsMs.length === 0 ? 'for good' : `until ${turnsMs.join(', ')} ms`;
    const deletions = deletionsUntilMs === 0 ? '' : `, deletions until ${deletionsUntilMs} ms`;
    return `a pod with ${graceSeconds} s of going-${node + 1} held by ${by} ${opens}${deletions}`;
  });
  const killed = kill === undefined ? [] : [`${kill.atMs} ms SIGKILL of ${kill.program}`];
  const world = `${nodes} nodes, ${agents.length} agents, hook ${hookSeconds} s${beats ? ' with heartbeats' : ''}${goes}`;
  return `${world}: ${[...events, ...troubles, ...held, ...killed].join('; ')}`;
}
