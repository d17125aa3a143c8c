/** The newest of what is kept by a name, beyond its end; older ones are forgotten. */
export class NewestOf<Value> {
  readonly #kept = new Map<string, Value>();
  readonly #mostKept: number;

  constructor(mostKept = 1_000) {
    this.#mostKept = mostKept;
  }

  has(name: string): boolean {
    return this.#kept.has(name);
  }

  set(name: string, value: Value): void {
    this.#kept.delete(name);
    this.#kept.set(name, value);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > this.#mostKept) this.#kept.delete(oldest);
  }

  get(name: string): Value | undefined {
    return this.#kept.get(name);
  }

  /** All that is kept. */
  values(): readonly Value[] {
    return [...this.#kept.values()];
  }

  /** What is kept by a name, and no longer. */
  take(name: string): Value | undefined {
    const value = this.#kept.get(name);
    this.#kept.delete(name);
    return value;
  }
}
