import { entryOf, isLiving, isTombstone } from '../record/entry.ts';
import type { EntryKey, Notice } from '../record/entry.ts';
import type { Witness } from '../record/noticed.ts';
import type { Engine } from './engine.ts';
import type { KnownNotice, Plan } from './plan.ts';

/**
 * The notices about one node of which this process knows, until they are over: with them a node that has lost its record gets it again.
 */
export class KnownNotices {
  readonly #engine: Pick<Engine, 'bootedAt' | 'seenToEnd'>;
  readonly #nodeUid: string;
  readonly #notices = new Map<EntryKey, KnownNotice>();

  constructor(engine: Pick<Engine, 'bootedAt' | 'seenToEnd'>, nodeUid: string) {
    this.#engine = engine;
    this.#nodeUid = nodeUid;
  }

  get size(): number {
    return this.#notices.size;
  }

  has(key: EntryKey): boolean {
    return this.#notices.has(key);
  }

  /** Keeps a notice; `false` where a newer one of the same cause is known, as messages come in any order. */
  add({ notice, witness }: KnownNotice): boolean {
    const known = this.#notices.get(notice.key);
    if (known !== undefined && known.notice.noticedAt > notice.noticedAt) return false;
    this.#notices.set(notice.key, { notice, witness });
    return true;
  }

  forget(key: EntryKey): void {
    this.#notices.delete(key);
  }

  /** The keys of those that a source told. */
  keysOf(source: 'imds' | 'ec2'): readonly EntryKey[] {
    return [...this.#notices.values()].filter(({ notice }) => notice.source === source).map(({ notice }) => notice.key);
  }

  /** All of them, each with what tells now whether it is older than the instance. */
  witnessed(): Plan['notices'] {
    return new Map(
      [...this.#notices].map(([key, { notice, witness }]) => [key, { notice, witness: this.witness(key, witness) }]),
    );
  }

  /** What tells now whether a notice is older than the instance. */
  witness(key: EntryKey, witness: Witness): Witness {
    const bootAt = this.#engine.bootedAt()?.getTime();
    return {
      ...witness,
      ...(bootAt === undefined ? {} : { bootAt }),
      sawItEnd: witness.sawItEnd || this.#engine.seenToEnd.has(this.#nameOf(key)),
    };
  }

  /** The service of a notice says that it is over: it needs no other witness, and is known no more. */
  sawEnd(notice: Notice): void {
    this.#engine.seenToEnd.set(this.#nameOf(notice.key), true);
    if (this.#notices.get(notice.key)?.notice === notice) this.forget(notice.key);
  }

  /** What was seen to end is known no more, and needs no other witness; a notice that has come since the plan was made still is. */
  noteEnds({ before, after, notices }: Plan): void {
    for (const { key, endedAt } of after.entries.filter(isTombstone)) {
      const was = entryOf(before, key);
      const overSince = was !== undefined && isTombstone(was) ? was.endedAt : undefined;
      // One patch may have begun and ended it.
      if (isLiving(was) || (notices.has(key) && overSince !== endedAt))
        this.#engine.seenToEnd.set(this.#nameOf(key), true);
      if (this.#notices.get(key)?.notice === notices.get(key)?.notice) this.forget(key);
    }
  }

  #nameOf(key: EntryKey): string {
    return `${this.#nodeUid} ${key}`;
  }
}
