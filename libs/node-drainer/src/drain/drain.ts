import { sleep } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../connection/client.ts';
import { createChannel } from './channel.ts';
import { checkNode } from './check-node.ts';
import { decideAgainWhenMoved, stopAtDeadline } from './deadline.ts';
import { finish } from './finish.ts';
import type { DrainOptions, DrainSettings } from './options.ts';
import { parseDrainOptions } from './options.ts';
import type { PodWatch } from './pods/pod-watch.ts';
import { PATIENT_MS } from './pods/orphans.ts';
import { relistWhenSilent, takeInLate, watchPods } from './pods/pod-watch.ts';
import { giveUpOnSilentKubelet } from './pods/silent-kubelet.ts';
import { takeInPlan } from './pods/take-in.ts';
import { isSettled, leftPod } from './pods/tracked-pod.ts';
import type { TrackedPod } from './pods/tracked-pod.ts';
import type { DrainFinished, DrainProgress } from './progress.ts';
import type { DrainRun } from './run.ts';
import { createDrainRun, DrainStopped, tellPodsAtRisk } from './run.ts';
import { evictInTurns } from './turns.ts';

/**
 * Evicts the pods of a node and waits until they are gone, by a deadline. What happens comes as values, the last of
 * which is always `finished`; nothing is thrown on the way. The drain starts with the iteration and does not wait for
 * its reader; leaving the loop cancels it. Cordon the node first, with {@link changeNode}.
 *
 * @throws {@link InvalidOptionsError} at once.
 *
 * @example
 * ```ts
 * for await (const progress of drainNode(client, 'ip-10-0-0-1', { deadline: Deadline.after(110_000) })) {
 *   if (progress.type === 'finished') console.log(progress.outcome, progress.message);
 * }
 * ```
 */
export function drainNode(
  client: KubernetesClient,
  nodeName: string,
  options: DrainOptions = {},
): AsyncIterableIterator<DrainProgress> {
  return start(client, nodeName, parseDrainOptions(options));
}

async function* start(
  client: KubernetesClient,
  nodeName: string,
  settings: DrainSettings,
): AsyncGenerator<DrainProgress, undefined> {
  const channel = createChannel<DrainProgress>();
  const run = createDrainRun(client, nodeName, settings, (progress) => channel.push(progress));
  const ended = drain(run).then((finished) => {
    channel.push(finished);
    channel.end();
  });
  try {
    yield* channel;
  } finally {
    run.close();
    await ended;
  }
}

/** A drain from the first look at its node to the last word. A new step is a function here, and its line in this one. */
async function drain(run: DrainRun): Promise<DrainFinished> {
  const watch = watchPods(run);
  const unfollow = decideAgainWhenMoved(run);
  void stopAtDeadline(run);
  void relistWhenSilent(run, watch);
  void giveUpOnSilentKubelet(run);
  try {
    run.signal.throwIfAborted();
    if (run.settings.nodeUid !== undefined) await checkNode(run);
    await planAllPods(run, watch);
    if (run.settings.dryRun) return finish(run);
    if (run.pods.size === 0) await judgeUnsure(run);
    if (run.pods.size === 0) return finish(run);
    watch.followOn();
    await evictInTurns(run);
    await untilNoneHasToGo(run, watch);
    failForKeptPods(run);
    return finish(run);
  } catch (error) {
    for (const pod of run.pods.left()) run.emit({ type: 'left', ...leftPod(pod, run.settings.clock.now()) });
    // Whatever broke when the drain was stopped, it broke because of that.
    return finish(run, run.signal.aborted ? run.signal.reason : error);
  } finally {
    unfollow();
    run.close();
  }
}

/**
 * A watch that has been silent for so long when all pods are gone has not told of the last of them, and may have missed one that came, in
 * milliseconds: a drain ends with a look.
 */
const BELIEVED_FOR_MS = 3_000;

/** Waits until every pod is gone, or stays, of those that are there at the end. */
async function untilNoneHasToGo(run: DrainRun, watch: PodWatch): Promise<void> {
  const isDone = (pod: TrackedPod) => isSettled(pod) || (pod.isKept && !mayBeHurried(run, pod));
  do {
    await run.pods.until((pods) => pods.every(isDone), run.signal);
    if (watch.silentMs >= BELIEVED_FOR_MS) await watch.look();
    // Where the process has stood still, what the watch told meanwhile is not read yet.
    else await sleep(run.settings.clock, 0, run.signal);
    if (run.pods.pods().every(isDone)) await judgeUnsure(run);
  } while (!run.pods.pods().every(isDone));
}

/** What could not be found out about pods at first is asked once more before the node counts as empty: whoever is told so ends it. */
async function judgeUnsure(run: DrainRun): Promise<void> {
  const { clock, deadline } = run.settings;
  const withinMs = Math.min(PATIENT_MS, deadline.atMs - clock.now());
  const unsure = run.pods.takeUnsure();
  if (unsure.length > 0 && withinMs > 0) await takeInLate(run, unsure, { cameAfterCordon: false, withinMs });
}

/** Lists the pods, and says what will be done with each before anything is. */
async function planAllPods(run: DrainRun, watch: PodWatch): Promise<void> {
  const { settings } = run;
  const pods = await watch.list();
  // A name that was mistyped has no pods, either.
  if (pods.length === 0 && settings.nodeUid === undefined) await checkNode(run);
  const plan = await takeInPlan(run, pods, { cameAfterCordon: false });
  if (!settings.dryRun) tellPodsAtRisk(run, plan.leaving);
}

/** Where there is no end before which it would be hurried, a pod that is kept is not waited for. */
function mayBeHurried({ settings: { onDeadline, deadline } }: DrainRun, { comesBack }: TrackedPod): boolean {
  return !comesBack && onDeadline === 'deadline' && deadline.at !== undefined;
}

/** A node with pods that stay by rule is not drained, though all others are gone. */
function failForKeptPods(run: DrainRun): void {
  const kept = run.pods.left().filter(({ isKept }) => isKept);
  if (kept.length === 0) return;
  const names = kept.map(({ ref, message }) => `${ref.namespace}/${ref.name} (${message ?? ''})`);
  throw new DrainStopped('not-allowed', `all other pods are gone; ${kept.length} stay: ${names.join(', ')}`);
}
