/** Takes values from an iterable until the last one meets a condition, and leaves the iterable then. */
export async function collectUntil<T>(values: AsyncIterable<T>, isLast: (value: T) => boolean): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) {
    taken.push(value);
    if (isLast(value)) break;
  }
  return taken;
}

/** Lets everything that is ready run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until a condition holds, looking at each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
