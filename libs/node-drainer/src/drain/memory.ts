import type { OptionalRight } from './optional-rights.ts';
import type { PodSummary } from './pods/pod-summary.ts';

/** What the drains of one process remember beyond their end, and {@link lookAtPods} goes by. */
export interface DrainMemory {
  /** How many pods of this one's controller were evicted of those that were created after the node's cordon. */
  evictions(node: string, cordonedAt: Date | undefined, pod: PodSummary): number;
  /** Notes that a pod was evicted that had been created after the node's cordon; one that was accepted twice counts once. */
  noteEviction(node: string, cordonedAt: Date | undefined, pod: PodSummary): void;
  /** The state of its Lease in which a node's kubelet was seen to be silent, its node `Unknown`; `undefined` when it was not. */
  silentSince(node: string): string | undefined;
  /**
   * Whether an owner is gone, as `look` finds out; it is not asked again for some minutes, but where it has found out nothing. `nowMs` is of a
   * monotonic clock.
   */
  isGone(uid: string, nowMs: number, look: () => Promise<boolean | undefined>): Promise<boolean | undefined>;
  /** Notes that a node's kubelet is silent, its Lease being at this resource version; `undefined`: it is not. */
  noteSilent(node: string, leaseVersion: string | undefined): void;
  /** Whether a request is worth making: its right was not found to be missing within the last ten minutes. `nowMs` is of a monotonic clock. */
  isWorthTrying(right: OptionalRight, nowMs: number): boolean;
  /** Notes that a right is missing. @returns whether that is news: it was not known since the right was last there. */
  noteMissing(right: OptionalRight, nowMs: number): boolean;
  /** Notes that a right is there. */
  noteGranted(right: OptionalRight): void;
}

/** How long it is believed that an owner is there, or gone. */
const OWNER_KNOWN_MS = 300_000;
/** A right may be granted at any time; until then each try costs a request, and time that may be short. */
const TRY_AGAIN_AFTER_MS = 600_000;
/** Each book holds so much; the oldest goes first. */
const MOST_ENTRIES = 10_000;

/**
 * Makes what all drains of a process share: a pod that comes back to its node each time is evicted twice, however many drains
 * there are. What was evicted is gone and leaves no trace to count by, so that a process that follows counts anew.
 */
export function createDrainMemory(): DrainMemory {
  const evicted = new Map<string, ReadonlySet<string>>();
  const silent = new Map<string, string>();
  const missing = new Map<OptionalRight, number>();
  const owners = new Map<string, { readonly untilMs: number; readonly isGone: Promise<boolean | undefined> }>();
  return {
    evictions: (...about) => evicted.get(keyOf(...about))?.size ?? 0,
    noteEviction(node, cordonedAt, pod) {
      const key = keyOf(node, cordonedAt, pod);
      const uids = new Set([...(evicted.get(key) ?? []), pod.ref.uid]);
      evicted.delete(key);
      put(evicted, key, uids);
    },
    isGone(uid, nowMs, look) {
      const known = owners.get(uid);
      if (known && nowMs < known.untilMs) return known.isGone;
      const isGone = look().then((found) => {
        if (found === undefined && owners.get(uid)?.isGone === isGone) owners.delete(uid);
        return found;
      });
      owners.delete(uid);
      put(owners, uid, { untilMs: nowMs + OWNER_KNOWN_MS, isGone });
      return isGone;
    },
    silentSince: (node) => silent.get(node),
    noteSilent(node, leaseVersion) {
      silent.delete(node);
      if (leaseVersion !== undefined) put(silent, node, leaseVersion);
    },
    isWorthTrying: (right, nowMs) => nowMs >= (missing.get(right) ?? -Infinity) + TRY_AGAIN_AFTER_MS,
    noteMissing(right, nowMs) {
      const isNews = !missing.has(right);
      missing.set(right, nowMs);
      return isNews;
    },
    noteGranted: (right) => void missing.delete(right),
  };
}

/** A pod without a controller is made again under its name, if at all. */
function keyOf(node: string, cordonedAt: Date | undefined, { ref, controller }: PodSummary): string {
  const maker = controller?.uid ?? `${ref.namespace}/${ref.name}`;
  return `${node} ${cordonedAt?.getTime() ?? ''} ${maker}`;
}

function put<T>(book: Map<string, T>, key: string, value: T): void {
  book.set(key, value);
  const [oldest] = book.keys();
  if (book.size > MOST_ENTRIES && oldest !== undefined) book.delete(oldest);
}
