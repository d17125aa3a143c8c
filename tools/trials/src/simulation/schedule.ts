import { seededRandom } from '@node-termination-handler/sandbox';
import { catalogue } from '../faults/catalogue.ts';
import { lastsMs } from '../faults/ends.ts';
import type { Ends, Way } from '../faults/ends.ts';
import { USUAL_BOUND_SECONDS } from '../faults/fault.ts';
import type { Fault } from '../faults/fault.ts';
import { makeHold } from './holds.ts';
import type { PlannedHold } from './holds.ts';

/** An interruption of a schedule. */
interface PlannedInterruption {
  /** Which of the nodes, from 0. */
  readonly node: number;
  readonly way: Way;
  readonly atMs: number;
}

/** A fault of a schedule. */
interface PlannedFault {
  readonly fault: Fault;
  readonly atMs: number;
  readonly forMs: number;
}

/** What becomes of instances, and how the services behave meanwhile: the same seed makes the same schedule. */
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
}

const QUEUE_WAYS: readonly Way[] = [
  'spot',
  'lifecycle',
  'lifecycle',
  'state-change',
  'capacity-reservation',
  'rebalance',
];

/** Hooks whose time a pod's grace may nearly take, that heartbeats keep waiting, and that wait long. */
const HOOKS: readonly Ends[] = [{ hookSeconds: 120 }, { hookSeconds: 120, beats: true }, {}];

/** When faults begin, and how long they last, at the most, in ms. */
const BEGINS_BY_MS = 1500;
const LASTS_MS = 2000;
/** How long before instances go every fault is over and recovered from, in ms. */
const TO_SPARE_MS = 5000;
/** How long after their notice instances go that go in a play: the shortest leaves time for faults of the usual bound, the longest for all. */
const GOES_AFTER_SECONDS = [19, 45] as const;

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
  const hook = pick(HOOKS);
  const [least, most] = GOES_AFTER_SECONDS;
  const goesAfterMs = random() < 0.1 ? 1000 * (least + upTo(most - least)) : undefined;
  const ends: Ends = goesAfterMs === undefined ? hook : { goesAfterMs, hookSeconds: goesAfterMs / 1000 };
  const held = Array.from({ length: nodes }, (_, node) => node).filter(
    () => goesAfterMs !== undefined || random() < 0.5,
  );
  const holds = held.map((node) => {
    const told = interruptions.filter((one) => one.node === node);
    const endMs = Math.min(...told.map(({ way, atMs }) => atMs + lastsMs(way, ends)));
    return { node, ...makeHold(endMs, random) };
  });
  return { seed, nodes, agents, interruptions, faults: makeFaults(seed, ends), ends, holds };
}

/** The faults of a schedule, from a stream of numbers of their own: one more in the catalogue changes nothing else. */
function makeFaults(seed: number, { goesAfterMs = Infinity }: Ends): readonly PlannedFault[] {
  const random = seededRandom(seed ^ 0xfa17);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const isInTime = ({ boundSeconds = USUAL_BOUND_SECONDS }: Fault): boolean =>
    BEGINS_BY_MS + LASTS_MS + boundSeconds * 1000 + TO_SPARE_MS <= goesAfterMs;
  const possible = catalogue.filter(isInTime);
  const faults: PlannedFault[] = [];
  for (let count = 1 + upTo(3); count > 0; count -= 1) {
    const fault = possible[upTo(possible.length)];
    // Two faults of one service at once would undo each other's end.
    if (fault === undefined || faults.some((other) => other.fault.area === fault.area)) continue;
    faults.push({ fault, atMs: upTo(BEGINS_BY_MS), forMs: 300 + upTo(LASTS_MS - 300) });
  }
  return faults;
}
