import { objectKey, withMetadata } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { History } from './history.ts';
import { Table } from './table.ts';
import type { Slice } from './table.ts';

/** One change of the store, at its revision. */
export type Change =
  | { readonly type: 'ADDED'; readonly storage: string; readonly revision: number; readonly object: KubernetesObject }
  | {
      readonly type: 'MODIFIED' | 'DELETED';
      readonly storage: string;
      readonly revision: number;
      /** The object after the change; of a deletion, its last state with the deletion's resource version. */
      readonly object: KubernetesObject;
      readonly previous: KubernetesObject;
    };

/** What is told of every change, at once and in order. */
type ChangeListener = (change: Change) => void;

/** Objects of all resources under one counter of revisions, as etcd keeps them. Objects are never changed in place. */
export class Store {
  readonly #historyLimit: number;
  readonly #tables = new Map<string, { readonly table: Table; readonly history: History }>();
  readonly #listeners = new Set<ChangeListener>();
  #revision = 1;

  constructor(options: { readonly historyLimit: number }) {
    this.#historyLimit = options.historyLimit;
  }

  /** The revision of the last change. */
  get revision(): number {
    return this.#revision;
  }

  get(storage: string, key: string): KubernetesObject | undefined {
    return this.#of(storage).table.get(key);
  }

  /** The objects of a slice, in the order of their keys. */
  list(storage: string, slice: Slice = {}): readonly KubernetesObject[] {
    return this.#of(storage).table.list(slice);
  }

  /** The objects as they were at a revision, or undefined when that is forgotten. */
  listAt(storage: string, revision: number): readonly KubernetesObject[] | undefined {
    const { table, history } = this.#of(storage);
    if (revision === this.#revision) return table.list();
    return revision < history.floor ? undefined : history.rewind(table.list(), revision);
  }

  /** The changes after a revision, or undefined when some of them are forgotten. */
  changesAfter(storage: string, revision: number): readonly Change[] | undefined {
    const { history } = this.#of(storage);
    return revision < history.floor ? undefined : history.after(revision);
  }

  /** The oldest revision that a watch of the resource may start from. */
  floor(storage: string): number {
    return this.#of(storage).history.floor;
  }

  /** Writes a new or a changed object with the next revision, and answers it as stored. */
  put(storage: string, object: KubernetesObject): KubernetesObject {
    const { table, history } = this.#of(storage);
    const previous = table.get(objectKey(object));
    const revision = ++this.#revision;
    const stored = withMetadata(object, { resourceVersion: String(revision) });
    table.set(stored);
    this.#tell(
      history,
      previous === undefined
        ? { type: 'ADDED', storage, revision, object: stored }
        : { type: 'MODIFIED', storage, revision, object: stored, previous },
    );
    return stored;
  }

  /** Removes an object, and answers its last state. */
  remove(storage: string, key: string): KubernetesObject | undefined {
    const { table, history } = this.#of(storage);
    const previous = table.get(key);
    if (previous === undefined) return undefined;
    const revision = ++this.#revision;
    table.delete(key);
    const object = withMetadata(previous, { resourceVersion: String(revision) });
    this.#tell(history, { type: 'DELETED', storage, revision, object, previous });
    return object;
  }

  /** Forgets the history up to now: older watches and pages answer 410. */
  compact(): void {
    for (const { history } of this.#tables.values()) history.compact(this.#revision);
  }

  /** Calls back at every change until the returned function is called. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(history: History, change: Change): void {
    history.add(change);
    for (const listener of this.#listeners) listener(change);
  }

  #of(storage: string): { readonly table: Table; readonly history: History } {
    const existing = this.#tables.get(storage);
    if (existing !== undefined) return existing;
    const created = { table: new Table(), history: new History(this.#historyLimit) };
    this.#tables.set(storage, created);
    return created;
  }
}
