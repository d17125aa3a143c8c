/** A binary heap: the smallest item first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined || this.#items.length === 0) return first;
    this.#items[0] = last;
    this.#sink(0);
    return first;
  }

  /** Puts all items in order again after what they are compared by has changed. */
  reorder(): void {
    for (let index = (this.#items.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  #rise(start: number): void {
    for (let index = start; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfSmaller(index, parent)) return;
      index = parent;
    }
  }

  #sink(start: number): void {
    for (let index = start; ;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let child = left;
      if (this.#isSmaller(right, left)) child = right;
      if (!this.#swapIfSmaller(child, index)) return;
      index = child;
    }
  }

  #isSmaller(index: number, than: number): boolean {
    const item = this.#items[index];
    const other = this.#items[than];
    return item !== undefined && other !== undefined && this.#compare(item, other) < 0;
  }

  #swapIfSmaller(index: number, than: number): boolean {
    const item = this.#items[index];
    const other = this.#items[than];
    if (item === undefined || other === undefined || this.#compare(item, other) >= 0) return false;
    this.#items[index] = other;
    this.#items[than] = item;
    return true;
  }
}
