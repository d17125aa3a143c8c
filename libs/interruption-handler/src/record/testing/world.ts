import type { Moment, NodeRecord, Notice } from '../entry.ts';
import type { Witness } from '../noticed.ts';
import type { RecordInput } from '../transitions.ts';
import { T0 } from './notices.ts';

/** Who takes part: replicas of one release, the agent of the node, a replica of the version before this one. */
type ReplicaKind = 'replica' | 'agent' | 'old replica';

/** A process, as far as its memory and its claim matter. Numbers, so that a state is short; 0 and 1 where nothing else is said. */
export interface Replica {
  readonly kind: ReplicaKind;
  readonly up: number;
  /** The node's claim names it: 1 as it runs now, 2 as it ran before its crash. */
  readonly claim: number;
  /** It has the claim in its own book. */
  readonly holds: number;
  /** It has taken the claim over from somebody it could not see alive: it does so once. */
  readonly tookOver: number;
  /** It has looked at the pods, found none, and not yet written so. */
  readonly look: number;
  /** It knows that the hook is completed, and has not yet written so. */
  readonly hookDone: number;
  /** How many copies of each notice's message it has in hand, two bits each. */
  readonly hand: number;
  /** Where the claim is not tested only: it has read that the claim is free, and will write its own over whatever is there then. */
  readonly read: number;
}

/** One state of the world. */
export interface World {
  /** Ticks since the beginning. */
  readonly t: number;
  /** The node's record, by its number in {@link Books}. */
  readonly record: number;
  /** The node's taints, ours and others', by their number in {@link Books}. */
  readonly taints: number;
  readonly unschedulable: number;
  /** Whether people want the node cordoned: as they left it when they last changed it. */
  readonly peopleCordon: number;
  /** Somebody made the node schedulable, and no patch of ours has been written since. */
  readonly touched: number;
  /** The annotation of the version before this one: the cordon is this program's. */
  readonly cordonedFor: number;
  readonly pods: number;
  readonly hook: 'none' | 'waiting' | 'completed' | 'timed out';
  readonly gone: number;
  /** The instance came back, or the node booted. */
  readonly returned: number;
  /** How many copies of each notice's message are deleted, two bits each. */
  readonly deleted: number;
  /** The notices that the version before this one has finished, a bit each: nothing of them stands in a record. */
  readonly doneByOld: number;
  /** The keys that were over once, a bit for each notice of the scenario. */
  readonly over: number;
  /** What may still go wrong, or be done by people. */
  readonly faults: number;
  readonly cordons: number;
  readonly uncordons: number;
  readonly arrivals: number;
  /** Found while a step was taken, and told with the state that follows. */
  readonly wrong: string;
  readonly replicas: readonly Replica[];
}

/** One notice of a scenario, and how it is heard of. */
interface ScenarioNotice {
  readonly notice: Notice;
  /** How many copies of its message there are; each is received when it pleases, however late. */
  readonly copies: number;
  readonly sentAt: number;
  /** The same as the agent reads it, where that differs in more than its source. */
  readonly asListed?: Notice;
  /** The ticks during which the agent's metadata lists it. */
  readonly listed?: { readonly from: number; readonly until: number };
}

/** Bounds and circumstances of one exploration. */
export interface Scenario {
  readonly name: string;
  readonly replicas: readonly ReplicaKind[];
  readonly notices: readonly ScenarioNotice[];
  readonly ticks: number;
  readonly tickMs: number;
  /** From this tick the hook may time out, and from `goesAt` the instance may go. */
  readonly hookEndsAt?: number;
  readonly goesAt?: number;
  /** At this tick the instance comes back (`returned`) or the node boots (`booted`); its pods are gone with that. */
  readonly comesBack?: { readonly at: number; readonly how: 'returned' | 'booted' };
  /** How many faults there may be, anywhere: a crash, a write whose answer is lost, a holder whose beats are held up. */
  readonly faults: number;
  readonly cordons: number;
  readonly uncordons: number;
  /** How often a pod may come to the node while it is schedulable. */
  readonly arrivals: number;
  /** So many states it has at least. */
  readonly leastStates: number;
  /** Whether the node ends emptied and out of service, or given back. */
  readonly goal: 'emptied' | 'given back';
}

/** The first state: a node in service with one pod, and nobody knows of anything. */
export function firstWorld(scenario: Scenario): World {
  const { faults, cordons, uncordons, arrivals } = scenario;
  const idle = {
    up: 1,
    claim: 0,
    holds: 0,
    tookOver: 0,
    look: 0,
    hookDone: 0,
    hand: 0,
    read: 0,
  };
  return {
    t: 0,
    record: 0,
    taints: 0,
    unschedulable: 0,
    peopleCordon: 0,
    touched: 0,
    cordonedFor: 0,
    pods: 1,
    hook: scenario.notices.some(({ notice }) => notice.hook !== undefined) ? 'waiting' : 'none',
    gone: 0,
    returned: 0,
    deleted: 0,
    doneByOld: 0,
    over: 0,
    faults,
    cordons,
    uncordons,
    arrivals,
    wrong: '',
    replicas: scenario.replicas.map((kind) => ({ kind, ...idle })),
  };
}

const HOOKS = ['none', 'waiting', 'completed', 'timed out'] as const;
const KINDS = ['replica', 'agent', 'old replica'] as const;

function replicaName(r: Replica): string {
  const memory = r.up + 2 * (r.claim + 4 * (r.holds + 2 * (r.tookOver + 2 * (r.look + 2 * r.hookDone))));
  return String.fromCharCode(KINDS.indexOf(r.kind) + 4 * memory, r.hand, r.read);
}

/**
 * Names a state, the same for all that differ only in which of several like replicas is which: claims and messages in hand are kept with
 * the replica, so that putting the replicas in order is all that the symmetry takes.
 */
export function canonical(w: World): string {
  const node = w.unschedulable + 2 * (w.peopleCordon + 2 * (w.touched + 2 * (w.cordonedFor + 2 * w.pods)));
  const fate = w.gone + 2 * (w.returned + 2 * HOOKS.indexOf(w.hook));
  const bounds = w.faults + 4 * (w.cordons + 4 * (w.uncordons + 4 * w.arrivals));
  const head = String.fromCharCode(
    w.t,
    w.record,
    w.taints,
    node + 32 * fate,
    w.deleted,
    w.doneByOld + 16 * w.over,
    bounds,
  );
  return head + w.replicas.map(replicaName).sort().join('') + w.wrong;
}

/** The world with one replica changed. */
export function replaced(w: World, i: number, change: Partial<Replica>): World {
  return { ...w, replicas: w.replicas.map((r, index) => (index === i ? { ...r, ...change } : r)) };
}

/** The claim is the replica's, and whoever had it sees that by its watch. */
export function claimed(w: World, i: number): World {
  const without = unclaimed(w);
  return replaced(without, i, { claim: 1 });
}

/** Nobody has the claim. */
export function unclaimed(w: World): World {
  return { ...w, replicas: w.replicas.map((r) => (r.claim === 0 && r.holds === 0 ? r : { ...r, claim: 0, holds: 0 })) };
}

/** Its memory is gone, its messages go back to the queue; what it has written stays. */
export function crashed(w: World, i: number): World {
  const lost = { up: 0, holds: 0, tookOver: 0, look: 0, hookDone: 0, hand: 0, read: 0 };
  return replaced({ ...w, faults: w.faults - 1 }, i, { ...lost, claim: w.replicas[i]?.claim === 0 ? 0 : 2 });
}

/** The moment of a tick. */
export function momentOf(scenario: Scenario, tick: number): Moment {
  return T0 + tick * scenario.tickMs;
}

/** What EC2 and the node tell, beside the record, of how old a notice is. */
export function witnessOf(scenario: Scenario, w: World): Witness {
  const back = scenario.comesBack;
  if (w.returned === 0 || back === undefined) return { sawItEnd: false };
  const at = momentOf(scenario, back.at);
  return back.how === 'returned' ? { launchedAt: at, sawItEnd: false } : { bootAt: at, sawItEnd: false };
}

/** What EC2's word that the instance runs again is to the record. A boot is seen on the node itself. */
export function comingBack(scenario: Scenario): RecordInput {
  return { type: 'returned', at: momentOf(scenario, scenario.comesBack?.at ?? 0) };
}

/** Numbers the values that states refer to. */
export class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #name: (value: T) => string;

  constructor(name: (value: T) => string) {
    this.#name = name;
  }

  of(value: T): number {
    const name = this.#name(value);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.values.length);
    return this.values.push(value) - 1;
  }

  at(number: number): T {
    const value = this.values[number];
    if (value === undefined) throw new Error(`nothing has the number ${number}`);
    return value;
  }
}

/** The records and taints that states refer to by number. */
export interface Books {
  readonly records: Numbered<NodeRecord>;
  readonly taints: Numbered<readonly string[]>;
}

/** The number of copies of the notice `index`, out of two bits each. */
export function copiesIn(counts: number, index: number): number {
  return (counts >> (2 * index)) & 3;
}

/** One copy of the notice `index`, to add or to take away. */
export function oneCopy(index: number): number {
  return 1 << (2 * index);
}
