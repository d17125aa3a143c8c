/** Values found by a key, many to each; a key without values takes no room. */
export class SetIndex<Value> {
  readonly #sets = new Map<string, Set<Value>>();

  /** The values of a key. */
  get(key: string): Iterable<Value> {
    return this.#sets.get(key) ?? [];
  }

  add(key: string, value: Value): void {
    const values = this.#sets.get(key);
    if (values === undefined) this.#sets.set(key, new Set([value]));
    else values.add(value);
  }

  delete(key: string, value: Value): void {
    const values = this.#sets.get(key);
    values?.delete(value);
    if (values?.size === 0) this.#sets.delete(key);
  }
}
