import { readString } from '../../json-value.ts';
import type { Change, Store } from '../store/store.ts';
import type { Watcher } from './watcher.ts';

interface Group {
  /** Watchers that may see any object of the resource. */
  readonly general: Set<Watcher>;
  readonly byNode: Map<string, Set<Watcher>>;
  readonly byName: Map<string, Set<Watcher>>;
}

/** Tells every open watch what it asked for; a change costs as much as there are watches that it may concern. */
export class WatchHub {
  readonly #store: Store;
  readonly #groups = new Map<string, Group>();
  readonly #all = new Set<Watcher>();
  readonly #unsubscribe: () => void;
  readonly #bookmarks: NodeJS.Timeout;

  constructor(store: Store, options: { readonly bookmarkIntervalMs: number }) {
    this.#store = store;
    this.#unsubscribe = store.onChange((change) => {
      this.#tell(change);
    });
    this.#bookmarks = setInterval(() => {
      this.sendBookmarks();
    }, options.bookmarkIntervalMs);
    this.#bookmarks.unref();
  }

  /** The watches that are open now. */
  get watchers(): ReadonlySet<Watcher> {
    return this.#all;
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher);
    this.#placeOf(watcher).add(watcher);
  }

  remove(watcher: Watcher): void {
    this.#all.delete(watcher);
    const group = this.#groupOf(watcher.selection.definition.storage);
    group.general.delete(watcher);
    discard(group.byNode, watcher.nodeName, watcher);
    discard(group.byName, watcher.objectName, watcher);
  }

  /** Sends a bookmark to every watch that wants bookmarks, as the interval does. */
  sendBookmarks(): void {
    for (const watcher of this.#all) if (watcher.wantsBookmarks) watcher.bookmark(this.#store.revision);
  }

  /** Ends every watch. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#bookmarks);
    for (const watcher of [...this.#all]) watcher.end();
  }

  #tell(change: Change): void {
    const group = this.#groups.get(change.storage);
    if (group === undefined) return;
    const tellAll = (watchers: Iterable<Watcher> | undefined): void => {
      for (const watcher of watchers ?? []) watcher.tell(change);
    };
    tellAll(group.general);
    tellAll(group.byName.get(change.object.metadata.name));
    const node = readString(change.object, 'spec', 'nodeName') ?? '';
    const before = change.type === 'ADDED' ? node : (readString(change.previous, 'spec', 'nodeName') ?? '');
    tellAll(group.byNode.get(node));
    if (before !== node) tellAll(group.byNode.get(before));
  }

  #placeOf(watcher: Watcher): Set<Watcher> {
    const group = this.#groupOf(watcher.selection.definition.storage);
    if (watcher.nodeName !== undefined) return place(group.byNode, watcher.nodeName);
    return watcher.objectName === undefined ? group.general : place(group.byName, watcher.objectName);
  }

  #groupOf(storage: string): Group {
    const existing = this.#groups.get(storage);
    if (existing !== undefined) return existing;
    const created: Group = { general: new Set(), byNode: new Map(), byName: new Map() };
    this.#groups.set(storage, created);
    return created;
  }
}

function place(index: Map<string, Set<Watcher>>, value: string): Set<Watcher> {
  const existing = index.get(value);
  if (existing !== undefined) return existing;
  const created = new Set<Watcher>();
  index.set(value, created);
  return created;
}

function discard(index: Map<string, Set<Watcher>>, value: string | undefined, watcher: Watcher): void {
  if (value === undefined) return;
  const watchers = index.get(value);
  watchers?.delete(watcher);
  if (watchers?.size === 0) index.delete(value);
}
