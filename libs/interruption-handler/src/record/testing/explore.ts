import { parseRecord, serialiseRecord } from '../annotation.ts';
import { endOf, timeLeft } from '../ends.ts';
import { causeOf, holdsNode, isTombstone } from '../entry.ts';
import type { NodeRecord } from '../entry.ts';
import { RECORD_LIMITS } from '../limits.ts';
import { tasksOf } from '../tasks.ts';
import { ALL_AHEAD } from './notices.ts';
import { Model } from './steps.ts';
import type { Rules, StepKind } from './steps.ts';
import { canonical, copiesIn, firstWorld, momentOf } from './world.ts';
import type { Scenario, World } from './world.ts';

/** What an exploration found. */
export interface Verdict {
  readonly states: number;
  readonly transitions: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  readonly records: number;
  readonly seconds: number;
  /** The first thing that went wrong, and the shortest story that leads to it. */
  readonly violation?: { readonly what: string; readonly story: readonly string[] };
}

/** A bound against a mistake in a scenario; no scenario comes near it. */
const MOST_STATES = 1_000_000;

/**
 * Visits every state of a scenario, breadth first, and judges each; then asks of each whether the goal is in reach.
 *
 * Every state is named canonically (`canonical`), which makes one of all that differ in which of several like replicas is which.
 */
export function explore(scenario: Scenario, rules: Rules): Verdict {
  const began = Date.now();
  const model = new Model(scenario, rules);
  const judge = new Judge(scenario, model);
  const first = firstWorld(scenario);
  const numbers = new Map<string, number>([[canonical(first), 0]]);
  const names = [canonical(first)];
  const parents = [-1];
  const depths = [0];
  /** Steps that nobody's fault or whim is needed for, as pairs of states. */
  const edges: number[] = [];
  const goals: number[] = [];
  const excused: number[] = [];
  let transitions = 0;
  let frontier: { world: World; number: number }[] = [{ world: first, number: 0 }];
  let bad: { number: number; what: string } | undefined;

  const verdict = (violation?: Verdict['violation']): Verdict => ({
    states: names.length,
    transitions,
    depth: depths.at(-1) ?? 0,
    records: model.books.records.values.length,
    seconds: (Date.now() - began) / 1000,
    ...(violation === undefined ? {} : { violation }),
  });
  const storyOf = (number: number): readonly string[] => {
    const chain: number[] = [];
    for (let at = number; at > 0; at = parents[at] ?? 0) chain.unshift(at);
    return retell(
      model,
      first,
      chain.map((at) => names[at] ?? ''),
    );
  };

  while (frontier.length > 0) {
    const reached: typeof frontier = [];
    for (const { world, number } of frontier) {
      const what = judge.wrong(world);
      if (what !== '') {
        bad = { number, what };
        break;
      }
      if (judge.isGoal(world)) goals.push(number);
      if (judge.isExcused(world)) excused.push(number);
      model.steps(world, (kind: StepKind, _label: string, to: World) => {
        transitions += 1;
        const name = canonical(to);
        let known = numbers.get(name);
        if (known === undefined) {
          known = names.push(name) - 1;
          numbers.set(name, known);
          parents.push(number);
          depths.push((depths[number] ?? 0) + 1);
          reached.push({ world: to, number: known });
        }
        if (kind === 'work' || kind === 'time') edges.push(number, known);
      });
      if (names.length > MOST_STATES) throw new Error(`${scenario.name}: more than ${MOST_STATES} states`);
    }
    if (bad !== undefined) break;
    frontier = reached;
  }
  if (bad !== undefined) return verdict({ what: bad.what, story: storyOf(bad.number) });
  const reaches = reachesGoal(names.length, edges, goals);
  for (const number of excused) reaches[number] = 1;
  const stuck = reaches.indexOf(0);
  return stuck === -1 ? verdict() : verdict({ what: 'the goal is out of reach', story: storyOf(stuck) });
}

/** For each state whether a way leads from it to one of the goals: walked backwards from them. */
function reachesGoal(states: number, edges: readonly number[], goals: readonly number[]): Uint8Array {
  const count = new Int32Array(states + 1);
  for (let e = 1; e < edges.length; e += 2) count[(edges[e] ?? 0) + 1] = (count[(edges[e] ?? 0) + 1] ?? 0) + 1;
  for (let s = 1; s <= states; s += 1) count[s] = (count[s] ?? 0) + (count[s - 1] ?? 0);
  const into = new Int32Array(edges.length / 2);
  const next = count.slice();
  for (let e = 0; e < edges.length; e += 2) {
    const to = edges[e + 1] ?? 0;
    const place = next[to] ?? 0;
    into[place] = edges[e] ?? 0;
    next[to] = place + 1;
  }
  const reaches = new Uint8Array(states);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let to = open.pop(); to !== undefined; to = open.pop()) {
    for (let place = count[to] ?? 0; place < (count[to + 1] ?? 0); place += 1) {
      const from = into[place] ?? 0;
      if (reaches[from] === 1) continue;
      reaches[from] = 1;
      open.push(from);
    }
  }
  return reaches;
}

/** The labels along a way. It is walked again from the first world, so that each replica keeps its name through the story. */
function retell(model: Model, first: World, way: readonly string[]): readonly string[] {
  const story: string[] = [];
  let at = first;
  for (const name of way) {
    let found: { label: string; world: World } | undefined;
    model.steps(at, (_kind, label, world) => {
      if (found === undefined && canonical(world) === name) found = { label, world };
    });
    if (found === undefined) throw new Error('a way that was taken is not found again');
    story.push(found.label);
    at = found.world;
  }
  return story;
}

/** What must hold in every state, stated without the functions under judgement where one of them could be wrong. */
class Judge {
  readonly #scenario: Scenario;
  readonly #model: Model;
  readonly #records = new Map<number, string>();

  constructor(scenario: Scenario, model: Model) {
    this.#scenario = scenario;
    this.#model = model;
  }

  wrong(w: World): string {
    return w.wrong !== '' ? w.wrong : this.#recordWrong(w.record) || this.#lost(w) || this.#marksWrong(w);
  }

  /** The node is as it should be in the end, and nobody has anything left to do. */
  isGoal(w: World): boolean {
    const record = this.#record(w);
    // A claim of the version before this one runs out by itself.
    const hasClaim = w.replicas.some((r) => r.claim !== 0 && r.kind !== 'old replica');
    const isQuiet = !hasClaim && this.#isAllDeleted(w);
    if (!isQuiet) return false;
    if (this.#scenario.goal === 'given back') {
      return w.returned === 1 && !record.entries.some(holdsNode) && w.unschedulable === w.peopleCordon;
    }
    return (
      w.pods === 0 &&
      w.hook !== 'waiting' &&
      record.entries.every((entry) => entry.progress === 'settled' || isTombstone(entry))
    );
  }

  /** The instance took the rest with it; or an end lies beyond the time that is explored, and only then a hook that nobody tells of is settled. */
  isExcused(w: World): boolean {
    const now = momentOf(this.#scenario, w.t);
    const isBeyond = this.#record(w).entries.some(
      (entry) => entry.hook !== undefined && holdsNode(entry) && (entry.estimatedEnd ?? Infinity) > now,
    );
    return w.gone === 1 || (w.t === this.#scenario.ticks && w.hook !== 'waiting' && isBeyond);
  }

  #record(w: World): NodeRecord {
    return this.#model.books.records.at(w.record);
  }

  #isAllDeleted(w: World): boolean {
    return this.#scenario.notices.every(({ copies }, index) => copiesIn(w.deleted, index) === copies);
  }

  /** What a record must be by itself. */
  #recordWrong(number: number): string {
    const known = this.#records.get(number);
    if (known !== undefined) return known;
    const record = this.#model.books.records.at(number);
    const text = serialiseRecord(record);
    const holders = record.entries.filter(holdsNode);
    const acting = holders.filter((entry) => entry.progress === 'acting' && entry.decision.action === 'drain');
    const tasks = tasksOf(record, { isOurTurn: true, inHand: new Set(), lookedAt: new Set() });
    const empty = tasks.find((task) => task.do === 'empty');
    const fixed = acting.filter((entry) => entry.end.kind === 'fixed').map(endOf);
    const keys = new Set(record.entries.map(({ key }) => key));
    let what = '';
    if (text.length > RECORD_LIMITS.recordBytes || record.entries.length > RECORD_LIMITS.entries)
      what = 'a record is too large';
    else if (keys.size < record.entries.length) what = 'two entries have one key';
    else if (serialiseRecord(parseRecord(text, momentOf(this.#scenario, this.#scenario.ticks)).record) !== text)
      what = 'a record is read as another than was written';
    else if (
      acting.length > 0 &&
      (empty === undefined || timeLeft(record, ALL_AHEAD).end > Math.min(...fixed, Infinity))
    )
      what = 'what is urgent waits behind what has time';
    else if (record.cordon !== undefined && holders.length === 0)
      what = 'a record keeps a cordon that nothing asks for';
    this.#records.set(number, what);
    return what;
  }

  /** Neither a message nor an entry, and not done. */
  #lost(w: World): string {
    for (const [index, { notice, copies, sentAt, listed }] of this.#scenario.notices.entries()) {
      const hasMessage = copiesIn(w.deleted, index) < copies;
      const isListed = listed !== undefined && w.t < listed.until;
      const isDone = (w.doneByOld & (1 << index)) !== 0 || (w.over & (1 << index)) !== 0 || w.returned === 1;
      if (w.t < sentAt || hasMessage || isListed) continue;
      if (causeOf(notice.key) === 'action' && w.hook === 'waiting')
        return 'a lifecycle action waits, and no message tells of it any more';
      if (!isDone && !this.#record(w).entries.some((entry) => entry.key === notice.key))
        return `${notice.key} is lost: neither message nor entry`;
    }
    return '';
  }

  /** The node carries what the record asks for, nothing of anybody else's is touched, and what people want outlives us. */
  #marksWrong(w: World): string {
    const taints = this.#model.books.taints.at(w.taints);
    const record = this.#record(w);
    const holders = record.entries.filter(holdsNode);
    const ours = taints.filter((taint) => taint.startsWith('aws-node-termination-handler/'));
    if (taints.length - ours.length !== 1) return 'a taint of another owner was touched';
    if (ours.length > 0 !== holders.some((entry) => entry.decision.marks.taint !== undefined))
      return 'the taints are not those of the record';
    if (w.touched === 0 && w.unschedulable === 0 && holders.some((entry) => entry.remarked !== 'left'))
      return 'an interruption holds the node, and it is not cordoned';
    const isOldCordon = this.#scenario.replicas.includes('old replica') && w.cordonedFor === 1;
    if (holders.length === 0 && !isOldCordon && w.unschedulable !== w.peopleCordon) {
      return w.unschedulable === 1 ? 'nothing holds the node, and it is cordoned' : 'a person’s cordon was taken away';
    }
    return '';
  }
}
