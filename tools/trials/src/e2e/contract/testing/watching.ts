import type { Subject, WireObject } from './subject.ts';

/** One line of a watch. */
interface WireEvent {
  readonly type: string;
  readonly object: WireObject & { readonly code?: number; readonly reason?: string };
}

/** An open watch of a test. */
export interface TestWatch extends AsyncDisposable {
  readonly status: number;
  /** The next event that is not a bookmark; undefined at the end. */
  next(): Promise<WireEvent | undefined>;
  /** The next event whatever it is; undefined at the end. */
  nextOfAny(): Promise<WireEvent | undefined>;
  /** `ADDED one`-like words of the next events. */
  take(count: number): Promise<readonly string[]>;
}

/** Opens a watch that ends with the test. */
export async function openWatch(
  subject: Subject,
  path: string,
  parameters: Record<string, string> = {},
): Promise<TestWatch> {
  const stop = new AbortController();
  const query = new URLSearchParams({ watch: '1', ...parameters }).toString();
  const { status, events } = await subject.admin.watch(`${path}?${query}`, { signal: stop.signal });
  const iterator = events[Symbol.asyncIterator]();
  const nextOfAny = async () => {
    const { done, value } = await iterator.next();
    return done === true ? undefined : (value as WireEvent);
  };
  const next = async () => {
    for (;;) {
      const event = await nextOfAny();
      if (event?.type !== 'BOOKMARK') return event;
    }
  };
  return {
    status,
    next,
    nextOfAny,
    async take(count) {
      const words: string[] = [];
      while (words.length < count) {
        const event = await next();
        if (event === undefined) break;
        words.push(`${event.type} ${event.object.metadata.name}`);
      }
      return words;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await iterator.return?.();
    },
  };
}
