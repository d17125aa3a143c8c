import { messageOf } from '../../message-of.ts';
import { escapeFieldValue } from '../../connection/outgoing.ts';
import type { Pod } from '../../connection/wire.ts';
import type { Change } from '../../connection/follow.ts';
import { follow, Relist } from '../../connection/follow.ts';
import { linkSignals } from '../../time/time-limit.ts';
import type { DrainRun } from '../drain-run.ts';
import { DrainStopped } from '../drain-stopped.ts';
import { queuePod } from '../eviction/evict.ts';
import { checkNodeIdentity } from '../node-identity.ts';
import { tellRisks } from '../risk.ts';
import { markGone } from './mark-gone.ts';
import { planPods } from './plan.ts';
import type { SlimPod } from './slim-pod.ts';
import { slimPod } from './slim-pod.ts';
import { seenAs } from './tracked-pod.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** Short, because a drain has little time to find out that its watch is dead. */
const WATCH_SECONDS = 30;
const QUIET_MS = 50_000;
/** Pods may also come, and be deleted by others. */
const WATCH_WITHIN_MS = 1000;

/** The pods of the node: listed once, then followed by one watch. */
export interface PodWatch {
  /** When the server last said something, in milliseconds since the epoch. */
  readonly heardAtMs: number;
  /** The first list. @throws {@link DrainStopped} */
  list(): Promise<readonly SlimPod[]>;
  /** Follows what happens from the list on, until the drain ends. */
  followOn(): void;
  /** Lists anew, because the watch seems to have missed something. */
  relist(): void;
}

/** Watches the pods of the drain's node. See https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ */
export function watchPods(run: DrainRun): PodWatch {
  let again = new AbortController();
  const relist = { signal: again.signal };
  const changes = follow<Pod>(
    run.client,
    {
      resource: { resource: 'pods' },
      fieldSelector: `spec.nodeName=${escapeFieldValue(run.node)}`,
      fromCache: run.settings.useApiServerCache,
      watchSeconds: WATCH_SECONDS,
      quietMs: QUIET_MS,
      signal: run.signal,
      clock: run.settings.clock,
      onTrouble: (error) => {
        run.lastTrouble = error;
        const message = messageOf(error);
        run.emit({ type: 'disconnected', error, message });
      },
    },
    relist,
  );
  let listed = new Map<string, SlimPod>();
  let heardAtMs = run.settings.clock.now();

  async function apply(change: Change<Pod>): Promise<void> {
    heardAtMs = run.settings.clock.now();
    switch (change.type) {
      case 'listing':
        listed = new Map();
        break;
      case 'page':
        for (const pod of change.items) keep(pod);
        break;
      case 'listed':
        for (const uid of run.pods.uids()) if (!listed.has(uid)) remove(run, uid);
        await takeIn(run, [...listed.values()]);
        break;
      case 'set':
        await takeIn(run, [slimPod(change.object, run.settings.clock.now())]);
        break;
      case 'removed':
        remove(run, change.object.metadata?.uid ?? '');
        break;
      case 'alive':
        break;
    }
  }

  function keep(pod: Pod): void {
    const slim = slimPod(pod, run.settings.clock.now());
    listed.set(slim.ref.uid, slim);
  }

  /**
   * No pod is gone before one is on its way, and what happens until then the watch will tell from the list on. In a burst
   * of drains the connections are better used for evictions first.
   */
  async function untilWorthwhile(): Promise<void> {
    const wait = linkSignals([run.signal]);
    try {
      await Promise.race([
        run.pods.untilSomeIsGoing(wait.signal),
        run.settings.clock.sleep(WATCH_WITHIN_MS, wait.signal),
      ]);
    } finally {
      wait.abort(run.signal.reason);
      wait.unlink();
    }
  }

  async function followOn(): Promise<void> {
    await untilWorthwhile();
    for await (const change of changes) await apply(change);
  }

  return {
    get heardAtMs() {
      return heardAtMs;
    },
    async list() {
      for (;;) {
        const { value, done } = await changes.next();
        if (done || value.type === 'listed') return [...listed.values()];
        if (value.type === 'listing') listed = new Map();
        if (value.type === 'page') for (const pod of value.items) keep(pod);
      }
    },
    followOn() {
      followOn().catch((error: unknown) => {
        if (!run.signal.aborted) run.stop(asStop(error));
      });
    },
    relist() {
      const stale = again;
      again = new AbortController();
      relist.signal = again.signal;
      stale.abort(new Relist('the watch may have missed something'));
    },
  };
}

function remove(run: DrainRun, uid: string): void {
  const pod = run.pods.get(uid);
  if (pod) markGone(run, pod);
  else run.pods.remove(uid);
}

/** Updates the pods that are known, and judges those that are new. */
async function takeIn(run: DrainRun, pods: readonly SlimPod[]): Promise<void> {
  const late = pods.filter(({ ref }) => !run.pods.isKnown(ref.uid));
  for (const slim of pods) {
    const known = run.pods.get(slim.ref.uid);
    if (known) update(run, known, slim);
  }
  if (late.length > 0) await takeInLate(run, late);
}

function update(run: DrainRun, pod: TrackedPod, slim: SlimPod): void {
  pod.slim = seenAs(pod, slim);
  if (pod.slim.terminatesAtMs !== undefined && pod.state !== 'refused') pod.state = 'terminating';
  if (run.released.has(pod.group)) queuePod(run, pod);
}

/** Pods that came after the list: on their way when the cordon came, or indifferent to it. */
async function takeInLate(run: DrainRun, late: readonly SlimPod[]): Promise<void> {
  const { settings } = run;
  const { planned, warnings, leaving, staying } = planPods(
    late,
    { ...settings, cameAfterCordon: true },
    settings.podGracePeriodSeconds,
  );
  // They may be pods of another node that has taken the name.
  if (leaving.length > 0) await checkNodeIdentity(run);
  for (const uid of staying) run.pods.addStaying(uid);
  run.emit({ type: 'planned', pods: planned, warnings, deadline: settings.deadline.at });
  for (const pod of leaving) {
    run.pods.add(pod);
    if (run.released.has(pod.group)) queuePod(run, pod);
  }
  tellRisks(run, leaving);
}

function asStop(error: unknown): DrainStopped {
  if (error instanceof DrainStopped) return error;
  return new DrainStopped('unreachable', 'following the pods of the node failed', { cause: error });
}
