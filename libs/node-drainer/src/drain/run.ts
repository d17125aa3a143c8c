import { onAbort, sleep } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../connection/client.ts';
import type { Look } from './decide.ts';
import { secondsShort } from './decide.ts';
import type { Hold } from './hold.ts';
import { nameOfHold } from './hold.ts';
import type { DrainSettings } from './options.ts';
import type { PodGroup } from './order.ts';
import type { TrackedPod } from './pods/tracked-pod.ts';
import { terminatesAt } from './pods/tracked-pod.ts';
import { TrackedPods } from './pods/tracked-pods.ts';
import { NONE_ENDED } from './progress.ts';
import type { DrainFailure, DrainProgress, DrainReport, PodEnding } from './progress.ts';

/** Ends a drain from within: the reason with which its signal aborts. */
export class DrainStopped extends Error {
  override readonly name = 'DrainStopped';
  readonly reason: DrainFailure | 'cancelled';

  constructor(reason: DrainFailure | 'cancelled', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The one state over which a drain works. */
export interface DrainRun {
  readonly client: KubernetesClient;
  readonly node: string;
  readonly settings: DrainSettings;
  /** On the monotonic clock. */
  readonly startedAtMs: number;
  readonly pods: TrackedPods;
  /** Groups whose turn has come. */
  readonly released: Set<PodGroup>;
  /** How many pods ended in which way; each counts for the last that was done about it. */
  readonly ended: Readonly<Record<PodEnding, number>>;
  /** Aborts when the drain ends, with a {@link DrainStopped} when it ends early. */
  readonly signal: AbortSignal;
  /** Whether it was said that a right is missing. */
  isMissingRightTold: boolean;
  /** The last failure to list or watch the pods. */
  lastWatchError: unknown;
  /** Enters into the counts what was done about a pod; `undefined`: it was nothing. */
  account(pod: TrackedPod, ending: PodEnding | undefined): void;
  emit(report: DrainReport): void;
  /** Ends the drain early. */
  stop(reason: DrainStopped): void;
  /** Frees what the run holds. */
  close(): void;
}

/** Sets up the state of a drain. */
export function createDrainRun(
  client: KubernetesClient,
  node: string,
  settings: DrainSettings,
  push: (progress: DrainProgress) => void,
): DrainRun {
  const { clock, deadline, signal } = settings;
  const stop = new AbortController();
  const listener = onAbort(signal, () =>
    stop.abort(new DrainStopped('cancelled', 'the drain was cancelled', { cause: signal?.reason })),
  );
  const pods = new TrackedPods();
  onAbort(stop.signal, () => pods.close(stop.signal.reason));
  const emit = (report: DrainReport) => push({ ...report, at: new Date(clock.now()), node });
  const ended = { ...NONE_ENDED };
  const unfollow = deadline.onMove(() => emit({ type: 'deadline-moved', deadline: deadline.at }));
  return {
    client,
    node,
    settings,
    startedAtMs: clock.monotonic(),
    pods,
    released: new Set(),
    ended,
    signal: stop.signal,
    isMissingRightTold: false,
    lastWatchError: undefined,
    account: (pod, ending) => {
      if (pod.ending !== undefined) ended[pod.ending] -= 1;
      if (ending !== undefined) ended[ending] += 1;
      pod.ending = ending;
    },
    emit,
    stop: (reason) => stop.abort(reason),
    close: () => {
      unfollow();
      listener[Symbol.dispose]();
      stop.abort(new DrainStopped('cancelled', 'the drain has ended'));
    },
  };
}

/** What the decision about a pod rests on now. */
export function lookAt(run: DrainRun, pod: TrackedPod): Look {
  const { clock, deadline, marginMs, onDeadline } = run.settings;
  return {
    nowMs: clock.now(),
    deadlineMs: deadline.atMs,
    marginMs,
    onDeadline,
    graceIsOverridden: pod.graceSeconds !== pod.seen.graceSeconds,
    graceSeconds: pod.graceSeconds,
    isCompleted: pod.seen.isCompleted,
    isKept: pod.isKept,
    isNamespaceTerminating: pod.isNamespaceTerminating,
    terminatesAtMs: terminatesAt(pod),
    hurryBy: pod.hurryBy,
  };
}

/**
 * Says which of these pods may not end before the deadline, those held by the same together, and each pod once as
 * long as it does not fit.
 */
export function tellPodsAtRisk(run: DrainRun, pods: readonly TrackedPod[]): void {
  const byHold = new Map<string, { heldBy: Hold | undefined; pods: TrackedPod[]; secondsShort: number }>();
  for (const pod of pods) {
    if (pod.comesBack) continue;
    const short = secondsShort(lookAt(run, pod));
    const wasTold = pod.isToldAtRisk;
    pod.isToldAtRisk = short !== undefined;
    if (short === undefined || wasTold) continue;
    const key = pod.heldBy === undefined ? '' : nameOfHold(pod.heldBy);
    const held = byHold.get(key) ?? { heldBy: pod.heldBy, pods: [], secondsShort: 0 };
    held.pods.push(pod);
    held.secondsShort = Math.max(held.secondsShort, short);
    byHold.set(key, held);
  }
  for (const [name, { heldBy, pods: held, secondsShort: seconds }] of byHold) {
    const names = held.map(({ ref }) => `${ref.namespace}/${ref.name}`).join(', ');
    run.emit({
      type: 'at-risk',
      pods: held.map(({ ref }) => ref),
      ...(heldBy !== undefined && { heldBy }),
      secondsShort: seconds,
      message: `may not end in time, ${seconds} s short${name === '' ? '' : `, held by ${name}`}: ${names}`,
    });
  }
}

/** How long a pod that is gone waits for the answer to the request that made it go. */
const ANSWER_WITHIN_MS = 1000;

/**
 * The pod is gone, whoever was first to notice. The watch is often quicker than the answer to the eviction; that is
 * waited for, so that what is told comes in the order in which it happened, and the connection stays whole.
 */
export function markGone(run: DrainRun, pod: TrackedPod): void {
  const takeOut = () => {
    if (!run.pods.remove(pod.ref.uid)) return;
    const ending = pod.ending === undefined ? undefined : { ending: pod.ending };
    run.emit({ type: 'gone', pod: pod.ref, ...ending, podsLeft: run.pods.size });
  };
  if (!pod.isRequestUnderWay) {
    takeOut();
    return;
  }
  if (pod.isSeenGone) return;
  pod.isSeenGone = true;
  sleep(run.settings.clock, ANSWER_WITHIN_MS, run.signal).then(takeOut, () => undefined);
}
