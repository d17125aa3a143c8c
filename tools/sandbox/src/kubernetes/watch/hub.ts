import { repeat } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import { nodeNameOf } from '../object/pod.ts';
import { SetIndex } from '../store/set-index.ts';
import type { Change, Store } from '../store/store.ts';
import type { Watcher } from './watcher.ts';

/** Tells every open watch what it asked for; a change costs as much as there are watches that it may concern. */
export class WatchHub implements Disposable {
  readonly #store: Store;
  /** By what they may see: all of a resource, one node's objects, or the object of one name. */
  readonly #bySubject = new SetIndex<Watcher>();
  readonly #all = new Set<Watcher>();
  readonly #unsubscribe: () => void;
  readonly #bookmarks: Timer;

  constructor(store: Store, options: { readonly clock: Clock; readonly bookmarkIntervalMs: number }) {
    this.#store = store;
    this.#unsubscribe = store.onChange((change) => this.#tell(change));
    const bookmark = (): void => this.sendBookmarks();
    this.#bookmarks = repeat(options.clock, options.bookmarkIntervalMs, bookmark, { keepsProcessAlive: false });
  }

  /** The watches that are open now. */
  get watchers(): ReadonlySet<Watcher> {
    return this.#all;
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher);
    this.#bySubject.add(subjectOf(watcher), watcher);
  }

  remove(watcher: Watcher): void {
    this.#all.delete(watcher);
    this.#bySubject.delete(subjectOf(watcher), watcher);
  }

  /** Sends a bookmark to every watch that wants bookmarks, as the interval does. */
  sendBookmarks(): void {
    for (const watcher of this.#all) if (watcher.wantsBookmarks) watcher.bookmark(this.#store.revision);
  }

  /** Ends every watch. */
  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#bookmarks.stop();
    for (const watcher of [...this.#all]) watcher.end();
  }

  #tell(change: Change): void {
    const { storage, object } = change;
    const node = nodeNameOf(object);
    const before = change.type === 'ADDED' ? node : nodeNameOf(change.previous);
    const subjects = [storage, `${storage} named ${object.metadata.name}`, `${storage} on ${node}`];
    if (before !== node) subjects.push(`${storage} on ${before}`);
    for (const subject of subjects) for (const watcher of this.#bySubject.get(subject)) watcher.tell(change);
  }
}

function subjectOf({ selection, nodeName, objectName }: Watcher): string {
  const { storage } = selection.definition;
  if (nodeName !== undefined) return `${storage} on ${nodeName}`;
  return objectName === undefined ? storage : `${storage} named ${objectName}`;
}
