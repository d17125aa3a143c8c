/** Carries values from who makes them to who iterates; nothing is lost, and the maker never waits. For one reader. */
export function createChannel<T>() {
  const values: T[] = [];
  let ended = false;
  let wake = (): void => undefined;
  return {
    push(value: T): void {
      if (ended) return;
      values.push(value);
      wake();
    },
    /** No more values come: those pushed are still given out, later ones are dropped. */
    end(): void {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
      for (;;) {
        yield* values.splice(0);
        if (values.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
