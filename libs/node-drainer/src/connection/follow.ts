import { backoffMs, linkSignals, sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { ApiCall, KubernetesClient, ResourceRef, WatchEvent } from './client.ts';
import { isOlderVersion } from './wire.ts';
import type { ListPage, ObjectMeta } from './wire.ts';

/**
 * What a follower sees. Between `listing` and `listed` come all objects there are; what did not come is gone, and so is what is `removed`
 * in between. A `listing` that finds no end is followed by another one.
 */
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
  /** Objects per page, where it takes a list; without it, the whole list at once, which the server can answer from its cache. */
  readonly pageSize?: number | undefined;
  /** Lists from the server's cache, which may be a moment old. */
  readonly fromCache?: boolean | undefined;
  /** The server ends each watch after this long, plus up to half of it so that watches don't end together. */
  readonly watchSeconds: number;
  /** A watch that is silent for so long is taken for dead. */
  readonly quietMs: number;
  /** Lists anew after so long, in case an event was missed. */
  readonly relistMs?: number | undefined;
  /** Asks to list anew. */
  readonly relisting?: Relisting;
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
/** A watch that begins with what there is has told it within so long, or a list is asked for. */
const STATE_WITHIN_MS = 10_000;
/** A server that does not begin a watch so is asked for lists for so long: it may be another version then. */
const LISTS_FOR_MS = 600_000;
/** Stands on the bookmark after the last of what there was. */
const STATE_END = 'k8s.io/initial-events-end';

/** Until when the server of a client is asked for lists, on the monotonic clock. */
const listsUntil = new WeakMap<KubernetesClient, number>();

/** Ends a watch that is to begin with a list again. */
class Relist extends Error {}

/** What has a follower list anew, as often as it is asked to, while it watches. */
export class Relisting {
  #next = new AbortController();

  /** Of the watch that begins now. */
  get signal(): AbortSignal {
    return this.#next.signal;
  }

  /** Lists anew. */
  ask(why: string): void {
    const now = this.#next;
    this.#next = new AbortController();
    now.abort(new Relist(why));
  }
}

/** The server said too little of what there is. */
class StateMissing extends KubernetesConnectionError {}

/**
 * Follows a resource by one watch that begins with what there is, one request in all. A server that does not do that – before Kubernetes
 * 1.32, or with the gate `WatchList` off –, or fails at it, is asked for a list first. It goes on where a dropped watch ended, and looks at
 * all there is anew when the server has forgotten that place (410) or has not come to it, because an older state was restored, or it is
 * asked to. Ends only by the signal.
 *
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes and …#streaming-lists
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
  let mustList = false;
  for (;;) {
    signal.throwIfAborted();
    const startedAtMs = clock.monotonic();
    const failuresBefore = failures;
    let tellsState = false;
    try {
      if (failures > 0 && resourceVersion !== undefined) {
        // A server takes a watch from a place that it has not come to, and says nothing until it has. One that was away may have come back
        // with an older state, and be past that place again before it answers.
        const place = resourceVersion;
        resourceVersion = undefined;
        if (!isOlderVersion(await versionNow(client, options), place)) resourceVersion = place;
      }
      tellsState = resourceVersion === undefined && !mustList && startedAtMs >= (listsUntil.get(client) ?? -Infinity);
      if (resourceVersion === undefined && !tellsState) {
        resourceVersion = seenVersion = yield* list<T>(client, options, seenVersion);
        listedAtMs = clock.monotonic();
        mustList = false;
      }
      for await (const { change, place } of watch<T>(client, options, { resourceVersion, tellsState, seenVersion })) {
        failures = 0;
        if (change.type === 'listed') listedAtMs = clock.monotonic();
        if (place !== undefined) resourceVersion = seenVersion = place;
        yield change;
        if (options.relistMs !== undefined && clock.monotonic() - listedAtMs > options.relistMs) throw new Relist();
      }
      if (failures === 0 && clock.monotonic() - startedAtMs >= SHORT_WATCH_MS) continue;
      failures = failuresBefore + 1;
    } catch (error) {
      signal.throwIfAborted();
      if (tellsState && resourceVersion === undefined) {
        // A list has tries of its own, and tells better what is wrong.
        mustList = true;
        if (isUnknown(error)) listsUntil.set(client, clock.monotonic() + LISTS_FOR_MS);
        continue;
      }
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

/** Whether the server does not know how to begin a watch with what there is. */
function isUnknown(error: unknown): boolean {
  return error instanceof StateMissing || (error instanceof KubernetesApiError && [400, 422].includes(error.status));
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
  yield listed(options, resourceVersion, seenVersion);
  return resourceVersion;
}

function listed<T>({ fromCache }: FollowOptions, at: string | undefined, seenVersion: string | undefined): Change<T> {
  // A cache may be behind without that.
  const isRestored = fromCache !== true && isOlderVersion(at, seenVersion);
  return { type: 'listed', at: isRestored ? undefined : at };
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

/** Where a watch begins. */
interface Start {
  readonly resourceVersion: string | undefined;
  /** Whether it begins with what there is. */
  readonly tellsState: boolean;
  readonly seenVersion: string | undefined;
}

/** Each change with the place to go on from after it; there is none before all of the state is told. */
async function* watch<T extends Named>(
  client: KubernetesClient,
  options: FollowOptions,
  start: Start,
): AsyncGenerator<{ change: Change<T>; place: string | undefined }> {
  using linked = linkSignals([options.signal, options.relisting?.signal]);
  let { resourceVersion, tellsState } = start;
  const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
  if (tellsState && options.fromCache === true) resourceVersion = '0';
  const events = client.watch<T>({
    ...options.resource,
    ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(tellsState && { query }),
    timeoutSeconds: Math.round(options.watchSeconds * (1 + Math.random() / 2)),
    quietMs: options.quietMs,
    signal: linked.signal,
  });
  const late = () =>
    linked.abort(new StateMissing(`${options.resource.resource}: not told within ${STATE_WITHIN_MS} ms`));
  const timer = tellsState ? options.clock.startTimer(STATE_WITHIN_MS, late) : undefined;
  try {
    if (tellsState) yield { change: { type: 'listing' }, place: undefined };
    for await (const { type, object } of events) {
      resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
      const isEnd = tellsState && object.metadata?.annotations?.[STATE_END] === 'true' && type === 'BOOKMARK';
      if (isEnd) {
        tellsState = false;
        timer?.stop();
      }
      const change: Change<T> = isEnd
        ? listed(options, resourceVersion, start.seenVersion)
        : changeOf({ type, object }, tellsState);
      yield { change, place: tellsState ? undefined : resourceVersion };
    }
    if (tellsState)
      throw new StateMissing(`${options.resource.resource}: the watch ended before it had told all there is`);
  } finally {
    timer?.stop();
  }
}

function changeOf<T>({ type, object }: WatchEvent<T>, isState: boolean): Change<T> {
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return isState ? { type: 'page', items: [object] } : { type: 'set', object };
    case 'DELETED':
      return { type: 'removed', object };
    case 'BOOKMARK':
      return { type: 'alive' };
  }
}
