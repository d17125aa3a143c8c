import type { KubernetesClient } from '../connection/client.ts';
import { createChannel } from './channel.ts';
import type { DrainRun } from './drain-run.ts';
import { createDrainRun } from './drain-run.ts';
import { finish } from './finish.ts';
import type { DrainOptions, DrainSettings } from './options.ts';
import { parseDrainOptions } from './options.ts';
import { watchPods } from './pods/pod-watch.ts';
import { leftPod } from './pods/tracked-pod.ts';
import type { DrainProgress } from './progress.ts';
import { DRAIN_STEPS } from './steps/steps.ts';
import { stopAtDeadline } from './stop-at-deadline.ts';
import { doubtSilence, followDeadline } from './watch-over.ts';

/**
 * Evicts the pods of a node and waits until they are gone, by a deadline. What happens comes as values, the last of
 * which is always `finished`; nothing is thrown on the way. The drain starts with the iteration and does not wait for
 * its reader; leaving the loop cancels it. Cordon the node first, with {@link markNode}.
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

async function drain(run: DrainRun) {
  const watch = watchPods(run);
  const unfollow = followDeadline(run);
  void stopAtDeadline(run);
  void doubtSilence(run, watch);
  try {
    for (const step of DRAIN_STEPS) {
      run.signal.throwIfAborted();
      if ((await step.run(run, watch)) === 'end') break;
    }
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
