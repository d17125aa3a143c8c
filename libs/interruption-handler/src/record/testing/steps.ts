import { serialiseRecord } from '../annotation.ts';
import { whoseTurn } from '../claims.ts';
import { CAUSES, causeOf, emptyRecord, holdsNode, isTombstone } from '../entry.ts';
import type { EntryKey, NodeRecord, Notice } from '../entry.ts';
import { OUR_MARKS, isForgotten, marksOf, written } from '../marks.ts';
import type { Marks } from '../marks.ts';
import { foreignChanges } from '../seen-node.ts';
import { mayComplete, messageMayGo, tasksOf } from '../tasks.ts';
import { next } from '../transitions.ts';
import type { RecordInput } from '../transitions.ts';
import { Turns, isSilent } from './turns.ts';
import {
  Numbered,
  claimed,
  comingBack,
  copiesIn,
  crashed,
  momentOf,
  oneCopy,
  replaced,
  unclaimed,
  witnessOf,
} from './world.ts';
import type { Books, Replica, Scenario, World } from './world.ts';

/** The functions under judgement. A mutation replaces one of them. */
export interface Rules {
  readonly next: typeof next;
  readonly marksOf: typeof marksOf;
  readonly tasksOf: typeof tasksOf;
  readonly mayComplete: typeof mayComplete;
  readonly messageMayGo: typeof messageMayGo;
  readonly whoseTurn: typeof whoseTurn;
  /** Whether a patch that takes the claim lands only on the claim that was read. */
  readonly claimIsTested: boolean;
}

/** The functions as they are. */
export const RULES: Rules = { next, marksOf, tasksOf, mayComplete, messageMayGo, whoseTurn, claimIsTested: true };

/** What may happen next. `work` and `time` are what the programs and AWS do by themselves; the goal must be in reach of them alone. */
export type StepKind = 'work' | 'time' | 'fault' | 'person';

/** Takes one possible step. */
export type Emit = (kind: StepKind, label: string, world: World) => void;

/** What a patch does to the claim; `done` ends it once nothing is left to do. */
type ClaimPatch = 'keep' | 'take' | 'done' | 'end';

interface Patch {
  readonly input: RecordInput;
  readonly claim: ClaimPatch;
  /** What the replica remembers once the patch was answered. */
  readonly memory?: Partial<Replica>;
  readonly label: string;
}

/** A record and its marks after an input; record and taints by their numbers. */
interface Applied {
  readonly record: number;
  readonly taints: number;
  readonly marks: Marks;
}

const OTHERS_TAINT = 'example.com/theirs';
const NOTHING: ReadonlySet<EntryKey> = new Set();
const TIME: RecordInput = { type: 'time' };

/** The programs around the functions, as a model: what one replica does, step by step, and what goes on around it. */
export class Model {
  readonly scenario: Scenario;
  readonly books: Books;
  readonly #rules: Rules;
  readonly #keys: readonly EntryKey[];
  readonly #applied = new Map<string, Applied>();
  readonly #turns: Turns;

  constructor(scenario: Scenario, rules: Rules) {
    this.scenario = scenario;
    this.#rules = rules;
    this.#turns = new Turns(rules.whoseTurn);
    this.#keys = scenario.notices.map(({ notice }) => notice.key);
    this.books = { records: new Numbered(serialiseRecord), taints: new Numbered((taints) => taints.join()) };
    this.books.records.of(emptyRecord());
    this.books.taints.of([OTHERS_TAINT]);
  }

  /** Every step that is possible in a world. */
  steps(w: World, emit: Emit): void {
    if (w.gone === 1) return;
    this.#surroundings(w, emit);
    w.replicas.forEach((r, i) => {
      if (r.up === 0) {
        emit('work', `${name(w, i)} starts again`, replaced(w, i, { up: 1 }));
        return;
      }
      if (w.faults > 0) emit('fault', `${name(w, i)} crashes`, crashed(w, i));
      if (r.kind !== 'agent') this.#receive(w, i, r, emit);
      if (r.kind === 'old replica') this.#oldReplica(w, i, r, emit);
      else this.#replica(w, i, r, emit);
    });
  }

  /** AWS, people, the scheduler, and time. */
  #surroundings(w: World, emit: Emit): void {
    const { ticks, hookEndsAt = Infinity, goesAt = Infinity, comesBack: back } = this.scenario;
    const isAwaited = back !== undefined && w.returned === 0 && w.t >= back.at;
    const isOverdue = w.hook === 'waiting' && w.t >= hookEndsAt;
    if (w.t < ticks && !isAwaited && !isOverdue) emit('time', 'time passes', { ...w, t: w.t + 1 });
    if (w.hook === 'waiting' && w.t >= hookEndsAt) emit('time', 'the hook times out', { ...w, hook: 'timed out' });
    if (w.t >= goesAt) emit('time', 'the instance goes', { ...w, gone: 1 });
    if (isAwaited) {
      emit('time', back.how === 'booted' ? 'the node boots' : 'the instance runs again', {
        ...w,
        returned: 1,
        pods: 0,
      });
    }
    if (w.unschedulable === 1 && w.uncordons > 0) {
      const free = { ...w, unschedulable: 0, peopleCordon: 0, touched: 1, uncordons: w.uncordons - 1 };
      emit('person', 'a person uncordons the node', free);
    }
    if (w.unschedulable === 0 && w.cordons > 0) {
      const held = { ...w, unschedulable: 1, peopleCordon: 1, touched: 1, cordons: w.cordons - 1 };
      emit('person', 'a person cordons the node', held);
    }
    if (w.unschedulable === 0 && w.pods === 0 && w.arrivals > 0) {
      emit('person', 'a pod comes to the node', { ...w, pods: 1, arrivals: w.arrivals - 1 });
    }
  }

  /** A replica or the agent, of this version. */
  #replica(w: World, i: number, r: Replica, emit: Emit): void {
    const who = name(w, i);
    const record = this.books.records.at(w.record);
    const inHand = this.#inHand(r);
    const turn = this.#turns.of(w, i, isSilent(w));
    const isOurs = turn.turn === 'ours';
    const takes = isOurs && turn.claim === 'take';
    const works = r.holds === 1 || (isOurs && turn.claim === 'leave');
    const write = (patch: Patch): void => this.#write(w, i, r, patch, emit);

    // What others did to the node, and what time did, comes before everything else; so it does in every patch.
    write({ input: TIME, claim: 'keep', label: `${who} writes what time, a boot or a person has changed` });
    const hasRead = this.#rules.claimIsTested ? takes : r.read === 1;
    if (!this.#rules.claimIsTested && r.read === 0 && takes)
      emit('work', `${who} reads the claim`, replaced(w, i, { read: 1 }));
    const isUnseen = takes && turn.because === 'unseen';
    this.#hear(w, i, r, hasRead && !isUnseen, emit);
    if (hasRead && hasWork(record)) {
      const because = takes ? turn.because : 'as it was read';
      write({
        input: TIME,
        claim: 'take',
        memory: isUnseen ? { tookOver: 1 } : {},
        label: `${who} takes the claim (${because})`,
      });
    }
    const mistaken = w.faults > 0 ? this.#turns.of(w, i, true) : turn;
    if (mistaken.turn === 'ours' && turn.turn === 'theirs' && hasWork(record)) {
      const slow = { ...w, faults: w.faults - 1 };
      const take: Patch = {
        input: TIME,
        claim: 'take',
        label: `${who} takes the claim of one whose beats are held up`,
      };
      this.#write(slow, i, r, take, (_kind, label, world) => emit('fault', label, world));
    }

    this.#drain(w, i, r, works, emit);
    this.#hook(w, i, r, inHand, emit);
    if (this.scenario.comesBack?.how === 'returned' && w.returned === 1 && record.entries.length > 0) {
      write({ input: comingBack(this.scenario), claim: 'done', label: `${who} writes that the instance runs again` });
    }
    if (r.kind === 'agent') this.#list(w, i, r, emit);
    // Also a claim that it does not know of: its answer was lost, or it is the one from before a crash.
    if (r.claim !== 0 && !hasWork(record)) write({ input: TIME, claim: 'end', label: `${who} ends its claim` });
    this.#delete(w, i, r, emit);
  }

  /** Notices in hand, and what the metadata lists, go into the record; the claim rides along where it is free. */
  #hear(w: World, i: number, r: Replica, takes: boolean, emit: Emit): void {
    const witness = witnessOf(this.scenario, w);
    for (const notice of this.#heard(w, r)) {
      const input: RecordInput = { type: 'noticed', notice, witness };
      const label = `${name(w, i)} writes ${notice.id} into the record`;
      const begins = takes && hasWork(this.books.records.at(this.#apply(w, input).record));
      this.#write(w, i, r, { input, claim: begins ? 'take' : 'keep', label }, emit);
    }
  }

  /** Evicting, looking, and writing what was seen. */
  #drain(w: World, i: number, r: Replica, works: boolean, emit: Emit): void {
    const who = name(w, i);
    const record = this.books.records.at(w.record);
    const tasks = this.#rules.tasksOf(record, { isOurTurn: works, inHand: NOTHING, lookedAt: NOTHING });
    const isDue = tasks.some((task) => task.do === 'empty');
    if (isDue && w.pods > 0) emit('work', `${who} evicts the pod`, replaced({ ...w, pods: 0 }, i, { look: 0 }));
    const isEmpty = isDue && w.pods === 0;
    // Where no pod can come in between, looking and writing are one step.
    const mayComeBetween = this.scenario.arrivals > 0;
    if (isEmpty && mayComeBetween && r.look === 0)
      emit('work', `${who} looks at the pods: none`, replaced(w, i, { look: 1 }));
    if (r.look === 1 || (isEmpty && !mayComeBetween)) {
      const input: RecordInput = { type: 'looked', look: { mustGo: 0, left: 0 } };
      this.#write(
        w,
        i,
        r,
        { input, claim: 'done', memory: { look: 0 }, label: `${who} writes that no pod is left` },
        emit,
      );
    }
    const isNotedEmpty = record.entries.some((entry) => entry.progress === 'emptied' || entry.progress === 'settled');
    if (w.pods > 0 && isNotedEmpty) {
      const input: RecordInput = { type: 'looked', look: { mustGo: w.pods, left: 0 } };
      const label = `${who} looks, and writes that a pod is there`;
      this.#write(w, i, r, { input, claim: 'keep', ...(r.look === 1 ? { memory: { look: 0 } } : {}), label }, emit);
    }
  }

  /** Completing the hook that a message in hand tells of, and writing that it is done. */
  #hook(w: World, i: number, r: Replica, inHand: ReadonlySet<EntryKey>, emit: Emit): void {
    if (inHand.size === 0 && r.hookDone === 0) return;
    const who = name(w, i);
    const record = this.books.records.at(w.record);
    for (const task of this.#rules.tasksOf(record, { isOurTurn: false, inHand, lookedAt: NOTHING })) {
      if (task.do !== 'complete' || r.hookDone === 1) continue;
      const entry = record.entries.find(({ key }) => key === task.key);
      // The look and the call that follows it at once are one step: no pod comes in the moment between.
      if (entry === undefined || !this.#rules.mayComplete(entry, { mustGo: w.pods, left: 0 })) continue;
      const isEarly = w.pods > 0 && entry.decision.action === 'drain' && w.hook === 'waiting';
      const wrong = isEarly ? 'a hook was completed while a pod that must go was there' : '';
      const after: World = { ...w, hook: w.hook === 'waiting' ? 'completed' : w.hook, wrong };
      emit('work', `${who} looks, and completes the hook`, replaced(after, i, { hookDone: 1 }));
      if (w.faults === 0 || w.hook !== 'waiting') continue;
      const lost = { ...after, faults: w.faults - 1 };
      emit('fault', `${who} completes the hook, and the answer is lost`, lost);
    }
    const key = this.#keys.find((candidate) => causeOf(candidate) === 'action');
    if (r.hookDone === 0 || key === undefined) return;
    const input: RecordInput = { type: 'hook-ended', key, how: 'completed' };
    this.#write(
      w,
      i,
      r,
      { input, claim: 'done', memory: { hookDone: 0 }, label: `${who} writes that the hook is done` },
      emit,
    );
  }

  /** What the metadata lists no longer is over. */
  #list(w: World, i: number, r: Replica, emit: Emit): void {
    const gone = this.scenario.notices.filter(({ listed }) => listed !== undefined && w.t >= listed.until);
    if (gone.length === 0) return;
    const keys = new Set(this.#heard(w, r).map((notice) => notice.key));
    const causes = new Set(gone.map(({ notice }) => causeOf(notice.key)));
    const input: RecordInput = { type: 'listed', source: 'imds', causes, keys };
    this.#write(
      w,
      i,
      r,
      { input, claim: 'done', label: `${name(w, i)} sees that the metadata lists it no longer` },
      emit,
    );
  }

  #receive(w: World, i: number, r: Replica, emit: Emit): void {
    this.scenario.notices.forEach(({ notice, copies, sentAt }, index) => {
      const taken = w.replicas.reduce((sum, { hand }) => sum + copiesIn(hand, index), copiesIn(w.deleted, index));
      if (w.t < sentAt || taken >= copies) return;
      emit(
        'work',
        `${name(w, i)} receives the message ${notice.id}`,
        replaced(w, i, { hand: r.hand + oneCopy(index) }),
      );
    });
  }

  #delete(w: World, i: number, r: Replica, emit: Emit): void {
    const record = this.books.records.at(w.record);
    const witness = witnessOf(this.scenario, w);
    this.scenario.notices.forEach(({ notice }, index) => {
      if (copiesIn(r.hand, index) === 0) return;
      if (!this.#rules.messageMayGo(record, notice, witness, momentOf(this.scenario, w.t))) return;
      const deleted = { ...w, deleted: w.deleted + oneCopy(index) };
      emit(
        'work',
        `${name(w, i)} deletes the message ${notice.id}`,
        replaced(deleted, i, { hand: r.hand - oneCopy(index) }),
      );
    });
  }

  /** The version before this one: it knows its own claim and its own cordon, and nothing of the record. A claim runs out for it at any time. */
  #oldReplica(w: World, i: number, r: Replica, emit: Emit): void {
    const who = name(w, i);
    if (r.hand === 0) return;
    if (r.claim !== 1) {
      const cordonedFor = w.unschedulable === 0 ? 1 : w.cordonedFor;
      emit('work', `${who} claims and cordons`, claimed({ ...w, unschedulable: 1, cordonedFor }, i));
    } else if (w.pods > 0) emit('work', `${who} evicts the pod`, { ...w, pods: 0 });
    else if (w.hook === 'waiting' && this.#inHand(r).size > 0) {
      emit('work', `${who} completes the hook`, { ...w, hook: 'completed' });
    } else {
      const done = this.#keys.reduce(
        (bits, _key, index) => (copiesIn(r.hand, index) > 0 ? bits | (1 << index) : bits),
        w.doneByOld,
      );
      const after = unclaimed({ ...w, deleted: w.deleted + r.hand, doneByOld: done });
      emit('work', `${who} deletes its messages and ends its claim`, replaced(after, i, { hand: 0 }));
    }
  }

  /** One patch, and the same with its answer lost. A patch that would change nothing is none. */
  #write(w: World, i: number, r: Replica, { input, claim, memory = {}, label }: Patch, emit: Emit): void {
    const { record, taints, marks } = this.#apply(w, input);
    const after = this.books.records.at(record);
    const takes = claim === 'take';
    const ends = r.claim !== 0 && (claim === 'end' || (claim === 'done' && !hasWork(after)));
    const unschedulable = marks.unschedulable === 'as-found' ? w.unschedulable : Number(marks.unschedulable);
    const isSame = record === w.record && taints === w.taints && unschedulable === w.unschedulable && !takes && !ends;
    if (isSame && Object.keys(memory).length === 0) return;
    const patched: World = {
      ...w,
      record,
      taints,
      unschedulable,
      touched: marks.unschedulable === 'as-found' ? w.touched : 0,
      // What the version before this one reads is written, too, for as long as it may be rolled back to.
      cordonedFor: after.cordon === undefined ? (unschedulable === 0 ? 0 : w.cordonedFor) : Number(after.cordon.ours),
      over: w.over | this.#endedIn(w, after),
      wrong: (takes ? this.#takenFromLiving(w, i) : '') || this.#begunAgain(w, after),
    };
    const node = takes ? claimed(patched, i) : ends ? unclaimed(patched) : patched;
    emit('work', label, replaced(node, i, { ...memory, holds: takes ? 1 : ends ? 0 : r.holds, read: 0 }));
    if (w.faults === 0) return;
    const lost = { ...node, faults: w.faults - 1 };
    const tookOver = memory.tookOver ?? r.tookOver;
    emit(
      'fault',
      `${label}, and the answer is lost`,
      replaced(lost, i, { holds: r.holds, look: 0, read: 0, tookOver }),
    );
  }

  #apply(w: World, input: RecordInput): Applied {
    const what =
      input.type === 'noticed'
        ? input.notice.key + input.notice.source
        : input.type === 'looked'
          ? input.look.mustGo
          : '';
    const id = `${w.record}|${w.taints}|${w.t}|${w.unschedulable}${w.cordonedFor}${w.returned}|${input.type}|${what}`;
    const known = this.#applied.get(id);
    if (known !== undefined) return known;
    const back = this.scenario.comesBack;
    const bootId = w.returned === 1 && back?.how === 'booted' ? 'b2' : 'b1';
    const seen = {
      now: momentOf(this.scenario, w.t),
      cordonedByOthers: w.unschedulable === 1 && w.cordonedFor === 0,
      bootId,
      graceMs: this.scenario.tickMs,
    };
    const bootAt = momentOf(this.scenario, back?.at ?? 0);
    const read = this.books.records.at(w.record);
    const node = {
      unschedulable: w.unschedulable === 1,
      annotations: {},
      cordonWasSeen: true,
      isReborn: false,
      bootId,
      bootAt,
    };
    const first = foreignChanges(read, node);
    const after = [...first, input].reduce((record, change) => this.#rules.next(record, change, seen), read);
    const stored = written(after);
    const record = this.books.records.of(isForgotten(stored) ? emptyRecord() : inOrder(stored));
    const marks = this.#rules.marksOf(after);
    const taints = this.books.taints.of(withTaints(this.books.taints.at(w.taints), marks));
    const result = { record, taints, marks };
    this.#applied.set(id, result);
    return result;
  }

  /** The actions that its messages in hand tell of. */
  #inHand(r: Replica): ReadonlySet<EntryKey> {
    if (r.hand === 0) return NOTHING;
    const told = this.scenario.notices.filter(
      ({ notice }, index) => notice.hook !== undefined && copiesIn(r.hand, index) > 0,
    );
    return new Set(told.map(({ notice }) => notice.key));
  }

  #heard(w: World, r: Replica): readonly Notice[] {
    const { notices } = this.scenario;
    if (r.kind !== 'agent')
      return notices.filter((_notice, index) => copiesIn(r.hand, index) > 0).map(({ notice }) => notice);
    const isListed = ({ listed }: Scenario['notices'][number]): boolean =>
      listed !== undefined && w.t >= listed.from && w.t < listed.until;
    return notices.filter(isListed).map(({ notice, asListed }) => asListed ?? { ...notice, source: 'imds' });
  }

  /** What lived and lives no longer; whether a tombstone stands for it is for the functions to say. */
  #endedIn(w: World, after: NodeRecord): number {
    const before = this.books.records.at(w.record);
    return this.#keys.reduce(
      (bits, key, index) => (lives(before, key) && !lives(after, key) ? bits | (1 << index) : bits),
      0,
    );
  }

  /** What is over is over, for every copy of its notice; for a Spot, state or action notice, once somebody else than the record says so. */
  #begunAgain(w: World, after: NodeRecord): string {
    const before = this.books.records.at(w.record);
    const again = this.#keys.find((key, index) => {
      const isWitnessed = w.returned === 1 || !CAUSES[causeOf(key)].endsWhenInstanceReturns;
      return isWitnessed && (w.over & (1 << index)) !== 0 && lives(after, key) && !lives(before, key);
    });
    return again === undefined ? '' : `${again} was over, and a copy of its notice began it anew`;
  }

  /** Nobody of a release takes the claim of another whose beats can be seen. */
  #takenFromLiving(w: World, i: number): string {
    if (w.faults < this.scenario.faults || w.replicas[i]?.kind !== 'replica') return '';
    const from = w.replicas.findIndex(
      (other, index) => index !== i && other.kind === 'replica' && other.up === 1 && other.claim === 1,
    );
    return from === -1
      ? ''
      : `${name(w, i)} took the claim of ${name(w, from)}, which is alive: both believe that it is their turn`;
  }
}

/** Which entry came first means nothing to a record that is not full. */
function inOrder(record: NodeRecord): NodeRecord {
  return { ...record, entries: record.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

function lives(record: NodeRecord, key: EntryKey): boolean {
  return record.entries.some((entry) => entry.key === key && !isTombstone(entry));
}

function hasWork(record: NodeRecord): boolean {
  return record.entries.some((entry) => holdsNode(entry) && entry.progress !== 'settled');
}

function withTaints(there: readonly string[], marks: Marks): readonly string[] {
  const others = there.filter((taint) => !OUR_MARKS.taints.includes(taint.split('=')[0] ?? ''));
  return [...others, ...marks.taints.map(({ key, value }) => `${key}=${value}`)].toSorted();
}

function name(w: World, i: number): string {
  const kind = w.replicas[i]?.kind;
  return kind === 'replica' ? `replica ${'abc'.charAt(i)}` : `the ${kind}`;
}
