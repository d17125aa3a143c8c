import { linkSignals } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../connection/client.ts';
import { createChannel } from './channel.ts';
import { checkNode } from './check-node.ts';
import { decideAgainWhenMoved, stopAtDeadline, untilCriticalPodsMustStart } from './deadline.ts';
import { queuePod } from './eviction/evict.ts';
import { finish } from './finish.ts';
import type { DrainOptions, DrainSettings } from './options.ts';
import { parseDrainOptions } from './options.ts';
import type { PodGroup } from './order.ts';
import type { PodWatch } from './pods/pod-watch.ts';
import { relistWhenSilent, watchPods } from './pods/pod-watch.ts';
import { leftPod } from './pods/tracked-pod.ts';
import type { DrainFinished, DrainProgress } from './progress.ts';
import { planPods } from './rules.ts';
import type { DrainRun } from './run.ts';
import { createDrainRun, DrainStopped, tellPodsAtRisk } from './run.ts';

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
  try {
    run.signal.throwIfAborted();
    await checkNode(run);
    await planAllPods(run, watch);
    if (run.settings.dryRun || run.pods.size === 0) return finish(run);
    watch.followOn();
    await evictOrdinaryPods(run);
    await evictCriticalPods(run);
    return finish(run);
  } catch (error) {
    for (const pod of run.pods.pods()) run.emit({ type: 'left', ...leftPod(pod) });
    // Whatever broke when the drain was stopped, it broke because of that.
    return finish(run, run.signal.aborted ? run.signal.reason : error);
  } finally {
    unfollow();
    run.close();
  }
}

/** Lists the pods, and says what will be done with each before anything is. */
async function planAllPods(run: DrainRun, watch: PodWatch): Promise<void> {
  const { settings } = run;
  const pods = await watch.list();
  const plan = planPods(pods, { ...settings, cameAfterCordon: false }, settings.podGracePeriodSeconds);
  for (const pod of plan.leaving) run.pods.add(pod);
  for (const uid of plan.staying) run.pods.addStaying(uid);
  run.emit({ type: 'planned', pods: plan.planned, warnings: plan.warnings, deadline: settings.deadline.at });
  if (plan.refused.length > 0) throw new DrainStopped('not-allowed', plan.warnings.join('; '));
  if (!settings.dryRun) tellPodsAtRisk(run, plan.leaving);
}

/** Evicts the ordinary pods, and waits for them for as long as the critical ones can wait. */
async function evictOrdinaryPods(run: DrainRun): Promise<void> {
  evictGroup(run, 'ordinary');
  using turn = linkSignals([run.signal]);
  try {
    await Promise.race([
      run.pods.untilGone(({ group }) => group === 'ordinary', turn.signal),
      untilCriticalPodsMustStart(run, turn.signal),
    ]);
  } finally {
    turn.abort();
  }
}

/** Evicts what the others needed while they shut down, and waits until nothing that must go is left. */
async function evictCriticalPods(run: DrainRun): Promise<void> {
  evictGroup(run, 'critical');
  await run.pods.untilGone(() => true, run.signal);
}

/** A group's turn has come: its pods go on the eviction queue, those that come later too. */
function evictGroup(run: DrainRun, group: PodGroup): void {
  run.released.add(group);
  for (const pod of run.pods.pods()) if (pod.group === group) queuePod(run, pod);
}
