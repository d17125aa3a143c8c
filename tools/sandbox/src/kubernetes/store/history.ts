import { objectKey } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { Change } from './store.ts';

/** The changes of one resource that the server still remembers, oldest first. */
export class History {
  readonly #limit: number;
  #changes: Change[] = [];
  #floor = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The newest revision that is forgotten: a watch may start from here, not from before. */
  get floor(): number {
    return this.#floor;
  }

  add(change: Change): void {
    this.#changes.push(change);
    // Trimmed in large steps, since removing from the front costs as much as there is.
    if (this.#changes.length > this.#limit * 2) this.#trim(this.#changes.length - this.#limit);
  }

  /** Forgets everything up to a revision. */
  compact(revision: number): void {
    this.#trim(this.#firstAfter(revision));
    this.#floor = Math.max(this.#floor, revision);
  }

  /** The changes after a revision. */
  after(revision: number): readonly Change[] {
    return this.#changes.slice(this.#firstAfter(revision));
  }

  /** The objects as they were at a revision, told from how they are now. */
  rewind(current: Iterable<KubernetesObject>, revision: number): readonly KubernetesObject[] {
    const objects = new Map<string, KubernetesObject>();
    for (const object of current) objects.set(objectKey(object), object);
    for (const change of this.after(revision).toReversed()) {
      const key = objectKey(change.object);
      if (change.type === 'ADDED') objects.delete(key);
      else objects.set(key, change.previous);
    }
    return [...objects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #trim(count: number): void {
    const last = this.#changes[count - 1];
    if (last === undefined) return;
    this.#floor = Math.max(this.#floor, last.revision);
    this.#changes = this.#changes.slice(count);
  }
}
