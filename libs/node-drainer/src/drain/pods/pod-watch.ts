import { onAbort, retry, sleep } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../../connection/client.ts';
import { messageOf } from '../../connection/errors.ts';
import { escapeFieldValue } from '../../connection/outgoing.ts';
import type { Pod } from '../../connection/wire.ts';
import type { Change } from '../../connection/follow.ts';
import { follow, listPages, Relisting } from '../../connection/follow.ts';
import { checkNode } from '../check-node.ts';
import { queuePod } from '../eviction/evict.ts';
import { findPod } from '../eviction/request.ts';
import type { DrainRun } from '../run.ts';
import { DrainStopped, markGone, tellPodsAtRisk } from '../run.ts';
import type { PodSummary } from './pod-summary.ts';
import { summarizePod } from './pod-summary.ts';
import { takeInPlan } from './take-in.ts';
import { observe, terminatesAt } from './tracked-pod.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** Short, because a drain has little time to find out that its watch is dead. */
const WATCH_SECONDS = 30;
const QUIET_MS = 50_000;

/** The pods of the node: listed once, then followed by one watch. */
export interface PodWatch {
  /** How long the server has said nothing. */
  readonly silentMs: number;
  /** The first list. @throws {@link DrainStopped} */
  list(): Promise<readonly PodSummary[]>;
  /** Follows what happens from the list on, until the drain ends. */
  followOn(): void;
  /** Lists anew, because the watch seems to have missed something. */
  relist(): void;
  /** Looks at the pods now, past the watch, for as long as it takes; what that has missed is taken in. @throws {@link DrainStopped} */
  look(): Promise<void>;
}

/** How the pauses grow after which a look that failed is tried again. */
const LOOK_AGAIN = { firstMs: 200, maxMs: 5_000 };

const onNode = (node: string): string => `spec.nodeName=${escapeFieldValue(node)}`;

/** All pods of a node as they are now, and never from the API server's cache. */
export async function listPods(client: KubernetesClient, node: string, signal?: AbortSignal): Promise<readonly Pod[]> {
  const query = { fieldSelector: onNode(node) };
  const pods: Pod[] = [];
  for await (const { items = [] } of listPages<Pod>(client, { resource: 'pods', query, ...(signal && { signal }) }))
    pods.push(...items);
  return pods;
}

/** Watches the pods of the drain's node. See https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ */
export function watchPods(run: DrainRun): PodWatch {
  const { clock } = run.settings;
  const relisting = new Relisting();
  const changes = follow<Pod>(run.client, {
    resource: { resource: 'pods' },
    fieldSelector: onNode(run.node),
    fromCache: run.settings.useApiServerCache,
    watchSeconds: WATCH_SECONDS,
    quietMs: QUIET_MS,
    relisting,
    signal: run.signal,
    clock,
    onTrouble,
  });
  function onTrouble(error: unknown): void {
    run.lastWatchError = error;
    run.emit({ type: 'disconnected', error, message: messageOf(error) });
  }
  // A drain may end before it reads on: there is nothing to do, or it was a dry run.
  onAbort(run.signal, () => void changes.return(undefined).catch(() => undefined));
  let listed = new Map<string, PodSummary>();
  let heardAtMs = clock.monotonic();

  async function apply(change: Change<Pod>): Promise<void> {
    heardAtMs = clock.monotonic();
    switch (change.type) {
      case 'listing':
        listed = new Map();
        break;
      case 'page':
        for (const pod of change.items.map(seenNow)) listed.set(pod.ref.uid, pod);
        break;
      case 'listed':
        await takeInAll(run.pods.uids(), listed);
        break;
      case 'set':
        await takeIn(run, [seenNow(change.object)]);
        break;
      case 'removed': {
        const { uid = '' } = change.object.metadata ?? {};
        listed.delete(uid);
        remove(run, uid);
        break;
      }
      case 'alive':
        break;
    }
  }

  /** These are all there are of those that were known, and of others. */
  async function takeInAll(known: readonly string[], pods: ReadonlyMap<string, PodSummary>): Promise<void> {
    for (const uid of known) if (!pods.has(uid)) remove(run, uid);
    await takeIn(run, [...pods.values()]);
  }

  function seenNow(pod: Pod): PodSummary {
    return summarizePod(pod, clock.now());
  }

  async function followOn(): Promise<void> {
    // Until now nothing was listened to.
    heardAtMs = clock.monotonic();
    for await (const change of changes) await apply(change);
  }

  return {
    get silentMs() {
      return clock.monotonic() - heardAtMs;
    },
    async list() {
      for (;;) {
        const { value, done } = await changes.next();
        if (done || value.type === 'listed') return [...listed.values()];
        await apply(value);
      }
    },
    followOn() {
      followOn().catch((error: unknown) => {
        if (!run.signal.aborted) run.stop(asStop(error));
      });
    },
    async look() {
      const { signal } = run;
      const known = run.pods.uids();
      const options = { clock, backoff: LOOK_AGAIN, signal, onRetry: onTrouble };
      const pods = await retry(options, () => listPods(run.client, run.node, signal));
      heardAtMs = clock.monotonic();
      await takeInAll(known, new Map(pods.map(seenNow).map((pod) => [pod.ref.uid, pod])));
    },
    relist: () => relisting.ask('the watch may have missed something'),
  };
}

/** A pod that should be gone for so long, and of which the watch says nothing, makes the watch doubtful. */
const OVERDUE_MS = 5000;
/** A watch that says nothing for so long, while pods are on their way, is doubtful too. */
const SILENT_MS = 10_000;
const MAX_CHECK_MS = 60_000;

/**
 * Looks at one pod when the watch says nothing, less and less often, and lists anew when it has missed something: of pods whose grace has
 * run out, or while pods are on their way. A connection that a load balancer has forgotten stays silent for ever, and a pod that ends in a
 * second should not be waited for until its grace is over. A server that is busy with a thousand nodes is as silent, and a watch of
 * each made anew would keep it so.
 */
export async function relistWhenSilent(run: DrainRun, watch: PodWatch): Promise<void> {
  const { clock } = run.settings;
  let checkMs = OVERDUE_MS;
  let idleAtMs = clock.monotonic();
  for (;;) {
    try {
      await sleep(clock, checkMs, run.signal);
    } catch {
      return;
    }
    const now = clock.now();
    const going = run.pods.pods().filter((pod) => terminatesAt(pod) !== undefined);
    const isOverdue = going.some((pod) => (terminatesAt(pod) ?? Infinity) + OVERDUE_MS < now);
    // Of pods that wait for their turn there is nothing to be heard.
    if (going.length === 0) idleAtMs = clock.monotonic();
    const goingMs = clock.monotonic() - idleAtMs;
    const isSilent = going.length > 0 && Math.min(goingMs, watch.silentMs) >= SILENT_MS;
    if (isOverdue || isSilent) {
      if (await hasMissed(run, going)) watch.relist();
      checkMs = Math.min(checkMs * 2, MAX_CHECK_MS);
    }
  }
}

/** Whether the one that should be gone first is not as it was last seen. As long as it is there the drain goes on, whatever else was missed. */
async function hasMissed(run: DrainRun, going: readonly TrackedPod[]): Promise<boolean> {
  const endOf = (pod: TrackedPod) => terminatesAt(pod) ?? Infinity;
  const first = going.reduce((soonest, pod) => (endOf(pod) < endOf(soonest) ? pod : soonest));
  try {
    const found = await findPod(run.client, first.ref, run.signal);
    if (found === undefined) return true;
    const { isCompleted, terminatesAtMs } = summarizePod(found, run.settings.clock.now());
    const { seen } = first;
    return isCompleted !== seen.isCompleted || (terminatesAtMs === undefined) !== (seen.terminatesAtMs === undefined);
  } catch {
    return true;
  }
}

function remove(run: DrainRun, uid: string): void {
  const pod = run.pods.get(uid);
  if (pod) markGone(run, pod);
  else run.pods.remove(uid);
}

/** Updates the pods that are known, and judges those that are new. */
async function takeIn(run: DrainRun, pods: readonly PodSummary[]): Promise<void> {
  const newcomers = pods.filter(({ ref }) => !run.pods.isKnown(ref.uid));
  for (const pod of pods) {
    const known = run.pods.get(pod.ref.uid);
    if (known) update(run, known, pod);
  }
  if (newcomers.length > 0) await takeInNewcomers(run, newcomers);
}

function update(run: DrainRun, pod: TrackedPod, now: PodSummary): void {
  // What has ended, or is on its way, is no longer held by what it waits for.
  const isFreed = now.isCompleted !== pod.seen.isCompleted || now.terminatesAtMs !== pod.seen.terminatesAtMs;
  const { isReady } = pod.seen;
  observe(pod, now);
  if (pod.seen.terminatesAtMs !== undefined && pod.state !== 'out-of-reach') pod.state = 'terminating';
  if (isFreed) run.pods.changed();
  // A budget may let one go that is not ready, where it would not let one go that is.
  const isUnready = isReady && !now.isReady && pod.heldBy?.kind === 'budget';
  if (pod.isQueued && (isFreed || isUnready)) run.settings.evictions.wake(pod.ref.uid);
  if (run.released.has(pod.group)) queuePod(run, pod);
}

/** Pods that came after the list: on their way when the cordon came, or indifferent to it. */
async function takeInNewcomers(run: DrainRun, newcomers: readonly PodSummary[]): Promise<void> {
  // They may be pods of another node that has taken the name.
  if (run.settings.nodeUid !== undefined) await checkNode(run);
  await takeInLate(run, newcomers, { cameAfterCordon: true });
}

/** Judges pods while others go already. */
export async function takeInLate(
  run: DrainRun,
  pods: readonly PodSummary[],
  options: Parameters<typeof takeInPlan>[2],
): Promise<void> {
  const { leaving, kept } = await takeInPlan(run, pods, options);
  for (const pod of [...leaving, ...kept]) if (run.released.has(pod.group)) queuePod(run, pod);
  tellPodsAtRisk(run, leaving);
}

function asStop(error: unknown): DrainStopped {
  if (error instanceof DrainStopped) return error;
  return new DrainStopped('unreachable', 'following the pods of the node failed', { cause: error });
}
