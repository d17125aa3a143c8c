import { seededRandom } from '@node-termination-handler/sandbox';
import { catalogue } from '../catalogue.ts';
import type { Fault } from '../fault.ts';
import type { Way } from '../world.ts';

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
  /** When a program is killed and started again, if one is. */
  readonly kill: { readonly program: 'imds-agent' | 'queue-processor'; readonly atMs: number } | undefined;
}

const QUEUE_WAYS: readonly Way[] = ['spot', 'lifecycle', 'lifecycle', 'state-change', 'capacity-reservation'];

/** Faults that are not worth their time here: a hung call is given up after many seconds, which the matrix shows. */
function isQuick({ boundSeconds = 0 }: Fault): boolean {
  return boundSeconds <= 15;
}

/** Makes the schedule of a seed. */
export function makeSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
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
  return { seed, nodes, agents, interruptions, faults, kill };
}

/** A schedule in one line, for people. */
export function describeSchedule({ nodes, agents, interruptions, faults, kill }: Schedule): string {
  const events = interruptions.map(({ node, way, atMs }) => `${atMs} ms ${way} of going-${node + 1}`);
  const troubles = faults.map(({ fault, atMs, forMs }) => `${atMs}–${atMs + forMs} ms ${fault.area} ${fault.name}`);
  const killed = kill === undefined ? [] : [`${kill.atMs} ms SIGKILL of ${kill.program}`];
  return `${nodes} nodes, ${agents.length} agents: ${[...events, ...troubles, ...killed].join('; ')}`;
}
