import { backoffMs, linkSignals, sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { KubernetesApiError } from './errors.ts';
import type { ApiCall, KubernetesClient, ResourceRef } from './client.ts';
import { isOlderVersion } from './wire.ts';
import type { ListPage, ObjectMeta } from './wire.ts';

/** What a follower sees. Between `listing` and `listed` come all objects there are; what did not come is gone. */
export type Change<T> =
  | { type: 'listing' }
  | { type: 'page'; items: readonly T[] }
  | {
      type: 'listed';
      /** Where the server was; what is known of a later place is newer than the list. `undefined`: nothing is, an older state was restored. */
      at: string | undefined;
    }
  | { type: 'set'; object: T }
  | { type: 'removed'; object: T }
  /** Nothing new, but the server is there. */
  | { type: 'alive' };

/** How to follow a resource. */
export interface FollowOptions {
  readonly resource: Omit<ResourceRef, 'name' | 'subresource'>;
  readonly fieldSelector?: string | undefined;
  /** Objects per page; without it, the whole list at once, which the server can answer from its cache. */
  readonly pageSize?: number | undefined;
  /** Lists from the server's cache, which may be a moment old. */
  readonly fromCache?: boolean | undefined;
  /** The server ends each watch after this long, plus up to half of it so that watches don't end together. */
  readonly watchSeconds: number;
  /** A watch that is silent for so long is taken for dead. */
  readonly quietMs: number;
  /** Lists anew after so long, in case an event was missed. */
  readonly relistMs?: number | undefined;
  /** The signal that, once it aborts with a {@link Relist}, asks to list anew; asked for at the start of each watch. */
  readonly relistWhen?: () => AbortSignal;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Told about each failure; following goes on. */
  readonly onTrouble: (error: unknown) => void;
}

/** What has metadata: any object. */
export interface Named {
  metadata?: ObjectMeta;
}

const BACKOFF = { firstMs: 200, maxMs: 15_000 };
/** A watch that ends sooner than this without an event is a failure, however politely it ends. */
const SHORT_WATCH_MS = 1000;
/** After so many failures in a row the place to go on from is given up as well. */
const RELIST_AFTER = 5;

/** Asks {@link follow} to list anew. */
export class Relist extends Error {}

/**
 * Lists a resource, then follows it by one watch; goes on where a dropped watch ended, and lists anew when the server
 * has forgotten that place (410) or has not come to it, because an older state was restored, or it is asked to. Ends
 * only by the signal.
 *
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * @throws the signal's reason.
 */
export async function* follow<T extends Named>(
  client: KubernetesClient,
  options: FollowOptions,
): AsyncGenerator<Change<T>, undefined> {
  const { signal, clock, onTrouble } = options;
  let failures = 0;
  let resourceVersion: string | undefined;
  let seenVersion: string | undefined;
  let listedAtMs = 0;
  for (;;) {
    signal.throwIfAborted();
    const startedAtMs = clock.monotonic();
    const failuresBefore = failures;
    try {
      if (failures > 0 && resourceVersion !== undefined) {
        // A server takes a watch from a place that it has not come to, and says nothing until it has. One that was away may have come back
        // with an older state, and be past that place again before it answers.
        const place = resourceVersion;
        resourceVersion = undefined;
        if (!isOlderVersion(await versionNow(client, options), place)) resourceVersion = place;
      }
      if (resourceVersion === undefined) {
        resourceVersion = seenVersion = yield* list<T>(client, options, seenVersion);
        listedAtMs = clock.monotonic();
      }
      for await (const change of watch<T>(client, options, resourceVersion)) {
        failures = 0;
        resourceVersion = seenVersion = change.resourceVersion;
        yield change.change;
        if (options.relistMs !== undefined && clock.monotonic() - listedAtMs > options.relistMs) throw new Relist();
      }
      if (failures === 0 && clock.monotonic() - startedAtMs >= SHORT_WATCH_MS) continue;
      failures = failuresBefore + 1;
    } catch (error) {
      signal.throwIfAborted();
      const forgotten = error instanceof KubernetesApiError && error.status === 410;
      if (forgotten || error instanceof Relist) resourceVersion = undefined;
      if (error instanceof Relist) continue;
      failures += 1;
      if (!forgotten) onTrouble(error);
    }
    if (failures >= RELIST_AFTER) resourceVersion = undefined;
    await sleep(clock, backoffMs(Math.max(1, failures), BACKOFF), signal);
  }
}

/** Where the server is now: the list of one object costs it next to nothing. */
async function versionNow(client: KubernetesClient, options: FollowOptions): Promise<string | undefined> {
  const { fieldSelector, resource, signal } = options;
  const query = { fieldSelector, limit: 1 };
  const { metadata } = await client.request<ListPage<Named>>({ ...resource, verb: 'list', query, signal });
  return metadata?.resourceVersion;
}

async function* list<T extends Named>(
  client: KubernetesClient,
  options: FollowOptions,
  seenVersion: string | undefined,
): AsyncGenerator<Change<T>, string | undefined> {
  yield { type: 'listing' };
  const { fieldSelector, pageSize, fromCache, signal } = options;
  const query = { fieldSelector, limit: pageSize, resourceVersion: fromCache ? '0' : undefined };
  let resourceVersion: string | undefined;
  for await (const { items = [], metadata } of listPages<T>(client, { ...options.resource, query, signal })) {
    yield { type: 'page', items };
    resourceVersion = metadata?.resourceVersion;
  }
  // A cache may be behind without that.
  const isRestored = fromCache !== true && isOlderVersion(resourceVersion, seenVersion);
  yield { type: 'listed', at: isRestored ? undefined : resourceVersion };
  return resourceVersion;
}

/** Lists a resource page by page; the later pages are of the first one's resource version. */
export async function* listPages<T>(
  client: KubernetesClient,
  call: Omit<ApiCall, 'verb'>,
): AsyncGenerator<ListPage<T>, undefined> {
  let token: string | undefined;
  do {
    const query = token === undefined ? call.query : { ...call.query, resourceVersion: undefined, continue: token };
    const page: ListPage<T> = await client.request<ListPage<T>>({ ...call, verb: 'list', ...(query && { query }) });
    yield page;
    token = page.metadata?.continue;
  } while (token);
}

async function* watch<T extends Named>(
  client: KubernetesClient,
  options: FollowOptions,
  from: string | undefined,
): AsyncGenerator<{ change: Change<T>; resourceVersion: string | undefined }> {
  using linked = linkSignals([options.signal, options.relistWhen?.()]);
  let resourceVersion = from;
  const events = client.watch<T>({
    ...options.resource,
    ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    timeoutSeconds: Math.round(options.watchSeconds * (1 + Math.random() / 2)),
    quietMs: options.quietMs,
    signal: linked.signal,
  });
  for await (const { type, object } of events) {
    resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
    if (type === 'BOOKMARK') yield { change: { type: 'alive' }, resourceVersion };
    else yield { change: { type: type === 'DELETED' ? 'removed' : 'set', object }, resourceVersion };
  }
}
