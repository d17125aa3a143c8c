/** A binary heap that knows where its items are: the smallest first, each at most once. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();
  readonly #compare: (a: T, b: T) => number;

  /** @param compare - what an item is compared by may change only when it is put in again at once. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or in its place anew. */
  put(item: T): void {
    this.#settle(item, this.#places.get(item) ?? this.#items.length);
  }

  /** Takes an item out, if it is in. */
  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && place < this.#items.length) this.#settle(last, place);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(first);
    return first;
  }

  /** From this place on the item rises or sinks to where it belongs. */
  #settle(item: T, start: number): void {
    let place = start;
    for (let above = (place - 1) >> 1; place > 0 && this.#isSmaller(item, above); above = (place - 1) >> 1)
      place = this.#move(above, place);
    for (let below = this.#smallerChild(place); below !== undefined; below = this.#smallerChild(place)) {
      if (!this.#isLarger(item, below)) break;
      place = this.#move(below, place);
    }
    this.#items[place] = item;
    this.#places.set(item, place);
  }

  /** Moves what is at one place to another, and returns the place that it has left. */
  #move(from: number, to: number): number {
    const item = this.#items[from];
    if (item === undefined) return to;
    this.#items[to] = item;
    this.#places.set(item, to);
    return from;
  }

  #smallerChild(place: number): number | undefined {
    const [left, right] = [2 * place + 1, 2 * place + 2];
    const first = this.#items[left];
    if (first === undefined) return undefined;
    return this.#isLarger(first, right) ? right : left;
  }

  #isSmaller(item: T, place: number): boolean {
    const other = this.#items[place];
    return other !== undefined && this.#compare(item, other) < 0;
  }

  #isLarger(item: T, place: number): boolean {
    const other = this.#items[place];
    return other !== undefined && this.#compare(item, other) > 0;
  }
}
