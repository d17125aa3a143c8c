/** Carries values from who makes them to who iterates; nothing is lost, and the maker never waits. */
export interface Channel<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** No more values come: those pushed are still given out, later ones are dropped. */
  end(): void;
}

/** Makes a channel for one reader. */
export function createChannel<T>(): Channel<T> {
  const values: T[] = [];
  let ended = false;
  let wake = (): void => undefined;
  return {
    push(value) {
      if (ended) return;
      values.push(value);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
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
