import { linkSignals, systemClock } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../connection/client.ts';
import { isOlderVersion } from '../connection/wire.ts';
import type { Node } from '../connection/wire.ts';
import { Condition } from '../condition.ts';
import type { Change } from '../connection/follow.ts';
import { follow, Relisting } from '../connection/follow.ts';
import { OWN_PREFIX } from '../mark/marks.ts';
import type { FoundNode, NodeRef } from './found-node.ts';
import { toFoundNode } from './found-node.ts';
import { NodeLookup } from './node-lookup.ts';

const WATCH_SECONDS = 300;
/** Bookmarks come about once a minute; two that fail to come are a dead watch. */
const QUIET_MS = 130_000;
const RELIST_MS = 30 * 60_000;
const PAGE_SIZE = 500;
/** A watch that is silent for so long is doubtful, in milliseconds: it is made anew as soon as a read shows that it has missed something. */
const DOUBTED_AFTER_MS = 10_000;
/** So many nodes that are gone are remembered, for answers that are late. */
const MOST_GONE = 1_000;
/** Others are not kept: they may be long. */
const OWN_ANNOTATIONS = [`${OWN_PREFIX}/`];

/** Options of {@link createNodeIndex}. */
export interface NodeIndexOptions {
  /** Nodes per page of the list. Default 500. */
  pageSize?: number;
  /**
   * Told of each node of the first list and of each later change, once the index knows it: never of an older state, nor of a state that
   * {@link NodeIndex.update} took in; of another node under the name, whoever has found it. What it throws goes to `onTrouble`.
   */
  onChange?: (change: NodeIndexChange) => void;
  /** Told when listing or watching failed; the index goes on by itself. */
  onTrouble?: (error: unknown) => void;
  /** Ends the index. */
  signal?: AbortSignal;
}

/** What happened to a node. One that was made anew under the same name is `removed`, then `set`. */
export type NodeIndexChange =
  /** It came, or is another than before. */
  | { readonly type: 'set'; readonly node: FoundNode }
  /** It is gone; as it was last seen. */
  | { readonly type: 'removed'; readonly node: FoundNode };

/** All nodes of the cluster as small records, kept up to date by one watch. */
export interface NodeIndex extends AsyncDisposable {
  /** The node, by instance id, name or host name; `undefined` when there is none (yet), or several claim the instance and none has the name. */
  find(ref: NodeRef): FoundNode | undefined;
  /** All nodes that claim to be it: by the instance id in their provider id, else by name, host name or eksctl's label. */
  findAll(ref: NodeRef): readonly FoundNode[];
  /** Resolves with the node once it exists and is `Ready`; of several that claim the instance, all. @throws the signal's reason. */
  whenReady(ref: NodeRef, signal?: AbortSignal): Promise<FoundNode>;
  /** Resolves once the first list is in. @throws the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Takes in a node just read or patched, unless a newer one is known, or it is gone. */
  update(node: FoundNode): void;
  /** Takes in what a read has found under a name. Where the watch has long been silent of it, all nodes are listed anew. */
  compare(name: string, node: FoundNode | undefined): void;
  /** All nodes. */
  nodes(): Iterable<FoundNode>;
  /** Number of nodes. */
  readonly size: number;
  /** Whether the first list is in. */
  readonly synced: boolean;
  /** When the API server last answered a list or sent something on the watch. */
  readonly lastSuccess: Date | undefined;
  /** For how long the API server has neither answered a list nor sent anything on the watch, in milliseconds; `Infinity` before it first did. */
  readonly silentMs: number;
  /** Ends the watch. */
  close(): void;
}

/**
 * Follows all nodes of the cluster by one watch that begins with them, or after a paginated list where the server does not do that. It
 * keeps small records only, and goes on by itself when the connection breaks.
 *
 * @example
 * ```ts
 * const index = createNodeIndex(client, { signal });
 * await index.whenSynced(signal);
 * const node = index.find({ instanceId: 'i-0123456789abcdef0' });
 * ```
 */
export function createNodeIndex(client: KubernetesClient, options: NodeIndexOptions = {}): NodeIndex {
  const stop = linkSignals([options.signal]);
  const condition = new Condition();
  /** The uids of nodes that are gone: the answer to a patch may come later than that. */
  const gone = new Set<string>();
  let lookup = new NodeLookup();
  let listing: NodeLookup | undefined;
  let synced = false;
  let lastSuccess: Date | undefined;
  let heardAtMs = -Infinity;
  const relisting = new Relisting();

  function apply(change: Change<Node>): void {
    if (change.type !== 'listing') {
      lastSuccess = new Date(systemClock.now());
      heardAtMs = systemClock.monotonic();
    }
    switch (change.type) {
      case 'listing':
        listing = new NodeLookup();
        return;
      case 'page':
        for (const node of change.items) if (listing) takeIn(listing, toFoundNode(node, OWN_ANNOTATIONS));
        return;
      case 'listed':
        if (listing) adopt(listing, change.at);
        listing = undefined;
        break;
      case 'set':
        set(toFoundNode(change.object, OWN_ANNOTATIONS));
        break;
      case 'removed':
        remove(toFoundNode(change.object, OWN_ANNOTATIONS));
        break;
      case 'alive':
        return;
    }
    condition.changed();
  }

  /** What was listed counts, but for what is known of a later place: an older state with less may have been restored. */
  function adopt(listed: NodeLookup, at: string | undefined): void {
    const before = lookup;
    const isFirst = !synced;
    for (const known of before.nodes()) {
      if (isOlderVersion(at, known.resourceVersion) && listed.get(known.name)) takeIn(listed, known);
    }
    lookup = listed;
    synced = true;
    const changes: NodeIndexChange[] = [];
    for (const known of before.nodes()) {
      if (listed.get(known.name)?.uid !== known.uid) changes.push({ type: 'removed', node: known });
    }
    for (const node of listed.nodes()) {
      if (isFirst || !isSameState(before.get(node.name), node)) changes.push({ type: 'set', node });
    }
    tell(changes);
  }

  function set(node: FoundNode): void {
    const known = lookup.get(node.name);
    if (!takeIn(lookup, node)) return;
    const isAnother = known !== undefined && known.uid !== node.uid;
    tell([...(isAnother ? [{ type: 'removed', node: known } as const] : []), { type: 'set', node }]);
  }

  function remove(node: FoundNode): void {
    if (listing?.get(node.name)?.uid === node.uid) listing.remove(node.name);
    // Another may have taken the name meanwhile.
    if (lookup.get(node.name)?.uid !== node.uid) return;
    lookup.remove(node.name);
    tell([{ type: 'removed', node }]);
  }

  function tell(changes: readonly NodeIndexChange[]): void {
    for (const change of changes) {
      noteGone(change);
      try {
        options.onChange?.(change);
      } catch (error) {
        options.onTrouble?.(error);
      }
    }
  }

  function noteGone({ type, node: { uid } }: NodeIndexChange): void {
    gone.delete(uid);
    if (type === 'removed') gone.add(uid);
    const [oldest] = gone;
    if (oldest !== undefined && gone.size > MOST_GONE) gone.delete(oldest);
  }

  async function run(): Promise<void> {
    const changes = follow<Node>(client, {
      resource: { resource: 'nodes' },
      pageSize: options.pageSize ?? PAGE_SIZE,
      watchSeconds: WATCH_SECONDS,
      quietMs: QUIET_MS,
      relistMs: RELIST_MS,
      relisting,
      signal: stop.signal,
      clock: systemClock,
      onTrouble: options.onTrouble ?? (() => undefined),
    });
    for await (const change of changes) apply(change);
  }

  function update(node: FoundNode): void {
    if (gone.has(node.uid)) return;
    if (listing) takeIn(listing, node);
    // Whoever has read it knows of no other that it was; the watch has nothing new to tell of it any more.
    if (synced && lookup.get(node.name)?.uid !== node.uid) set(node);
    else takeIn(lookup, node);
  }

  function compare(name: string, node: FoundNode | undefined): void {
    const known = lookup.get(name);
    const isAsKnown = isSameState(known, node) || isOlderVersion(node?.resourceVersion, known?.resourceVersion);
    if (node !== undefined) update(node);
    if (!isAsKnown && silentMs() >= DOUBTED_AFTER_MS) relisting.ask('the watch has missed something');
  }

  function silentMs(): number {
    return systemClock.monotonic() - heardAtMs;
  }

  async function until<T>(find: () => T | undefined, signal: AbortSignal | undefined): Promise<T> {
    using ended = linkSignals([signal, stop.signal]);
    return await condition.until(find, ended.signal);
  }

  // It ends by its own signal, and that is no failure.
  const running = run().catch((error: unknown) => {
    if (!stop.signal.aborted) options.onTrouble?.(error);
  });
  const close = () => {
    stop.abort(new Error('the node index is closed'));
    stop[Symbol.dispose]();
  };
  return {
    find: (ref) => lookup.find(ref),
    findAll: (ref) => lookup.findAll(ref),
    whenReady: (ref, signal) => {
      const readyNode = () => {
        const nodes = lookup.findAll(ref);
        return nodes.every(({ ready }) => ready) ? nodes[0] : undefined;
      };
      return until(readyNode, signal);
    },
    whenSynced: async (signal) => {
      await until(() => synced || undefined, signal);
    },
    update,
    compare,
    nodes: () => lookup.nodes(),
    get size() {
      return lookup.size;
    },
    get synced() {
      return synced;
    },
    get lastSuccess() {
      return lastSuccess;
    },
    get silentMs() {
      return silentMs();
    },
    close,
    [Symbol.asyncDispose]: async () => {
      close();
      await running;
    },
  };
}

/** Puts a node in, unless this state of it or a newer one is there. */
function takeIn(lookup: NodeLookup, node: FoundNode): boolean {
  const known = lookup.get(node.name);
  if (isSameState(known, node) || isOlderVersion(node.resourceVersion, known?.resourceVersion)) return false;
  lookup.set(node);
  return true;
}

function isSameState(known: FoundNode | undefined, node: FoundNode | undefined): boolean {
  return known?.uid === node?.uid && known?.resourceVersion === node?.resourceVersion;
}
