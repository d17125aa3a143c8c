import { sleep, systemClock } from '@node-termination-handler/clock';
import type { ApiClient } from '@node-termination-handler/control-plane';

interface Identified {
  readonly metadata: { readonly uid: string };
}

/** Is told of each object as it is, and of each that is gone. */
interface Follower<T extends Identified> {
  readonly set: (object: T) => void;
  readonly gone: (object: T) => void;
}

/**
 * Follows the objects of a collection until it is disposed of; a restart of the server is survived.
 *
 * @param parameters of both the list and the watch
 */
export function follow<T extends Identified>(
  api: ApiClient,
  collection: string,
  parameters: Readonly<Record<string, string>>,
  { set, gone }: Follower<T>,
): AsyncDisposable {
  const stop = new AbortController();
  const known = new Map<string, T>();
  const query = (more: Readonly<Record<string, string>> = {}) =>
    `${collection}?${new URLSearchParams({ ...parameters, ...more }).toString()}`;
  const note = (object: T): void => {
    known.set(object.metadata.uid, object);
    set(object);
  };
  const remove = (object: T): void => {
    known.delete(object.metadata.uid);
    gone(object);
  };

  async function listAndWatch(): Promise<void> {
    const { signal } = stop;
    const { body } = await api.request('GET', query(), { signal });
    const list = body as { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly T[] };
    const present = new Set(list.items.map(({ metadata }) => metadata.uid));
    list.items.forEach(note);
    for (const [uid, object] of known) if (!present.has(uid)) remove(object);
    const { resourceVersion } = list.metadata;
    const { events } = await api.watch(query({ watch: '1', resourceVersion }), { signal });
    for await (const event of events) {
      const { type, object } = event as { readonly type: string; readonly object: T };
      if (type === 'ERROR') return;
      note(object);
      if (type === 'DELETED') remove(object);
    }
  }

  const following = (async () => {
    while (!stop.signal.aborted) {
      // A restart of the server ends the watch; the list that follows tells what was missed.
      await listAndWatch().catch(() => undefined);
      await sleep(systemClock, 100, stop.signal).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}
