import { systemClock } from '@node-termination-handler/clock';
import * as v from 'valibot';
import type { KubernetesClient } from '../connection/client.ts';
import { parseOptions } from '../invalid-options-error.ts';
import { createDrainMemory } from './memory.ts';
import type { DrainOptions } from './options.ts';
import { ruleOptions } from './options.ts';
import { daemonSetsOf, PATIENT_MS } from './pods/orphans.ts';
import type { PodSummary } from './pods/pod-summary.ts';
import { summarizePod } from './pods/pod-summary.ts';
import { listPods } from './pods/pod-watch.ts';
import { leaseOfLostNode, OUT_OF_REACH_AFTER_MS } from './pods/silent-kubelet.ts';
import type { RuleContext } from './rules.ts';
import { judgePod } from './rules.ts';

/** Options of {@link lookAtPods}; they mean what they mean to a drain. */
export type LookOptions = Pick<
  DrainOptions,
  'ignoreDaemonSets' | 'deleteEmptyDirData' | 'skipPods' | 'cordonedAt' | 'memory' | 'clock' | 'signal'
>;

/** What is on a node. */
export interface PodsLook {
  /** Pods that run and must go, those that are on their way included. */
  readonly mustGo: number;
  /** Pods that run and stay: a rule forbids to evict them, or they came back each time. */
  readonly left: number;
  /** Pods whose grace is long over, on a node whose kubelet a drain has found to be silent: nobody can end them. */
  readonly outOfReach: number;
}

/**
 * Counts the pods that a drain of the node would have to do with now, by its own rules. Pods that have ended, and those
 * that a drain leaves alone, count as nothing.
 *
 * It is one list – and a look at what the memory does not know: whether the DaemonSets of its pods are there, and whether the
 * kubelet of pods that are long overdue is still silent –, and never from the API server's cache: somebody may switch the machine off because of what it says.
 *
 * @throws {@link InvalidOptionsError}, {@link KubernetesApiError}, {@link KubernetesConnectionError}, the signal's reason
 */
export async function lookAtPods(
  client: KubernetesClient,
  nodeName: string,
  options: LookOptions = {},
): Promise<PodsLook> {
  const rules = parseOptions('lookAtPods', v.object(ruleOptions), options);
  const { memory = createDrainMemory(), clock = systemClock, signal } = options;
  const evictionsSinceCordon = (pod: PodSummary) => memory.evictions(nodeName, rules.cordonedAt, pod);
  const pods = (await listPods(client, nodeName, signal)).map((pod) => summarizePod(pod));
  const overdueBefore = clock.now() - OUT_OF_REACH_AFTER_MS;
  const isOverdue = ({ terminatesAtMs = Infinity, isCompleted }: PodSummary) =>
    terminatesAtMs <= overdueBefore && !isCompleted;
  const isSilent = pods.some(isOverdue) && (await isStillSilent(client, nodeName, options));
  const beyond = isSilent ? pods.filter(isOverdue) : [];
  const rest = pods.filter((pod) => !beyond.includes(pod));
  const { gone } = await daemonSetsOf(pods, { client, memory, clock, signal, withinMs: PATIENT_MS });
  const context = { ...rules, cameAfterCordon: false, evictionsSinceCordon, goneDaemonSets: gone };
  return { ...countPods(rest, context), outOfReach: countPods(beyond, context).mustGo };
}

async function isStillSilent(
  client: KubernetesClient,
  node: string,
  { memory, signal }: LookOptions,
): Promise<boolean> {
  const leaseVersion = memory?.silentSince(node);
  return leaseVersion !== undefined && leaseVersion === (await leaseOfLostNode(client, node, signal));
}

/** How many of these pods must go, and how many are left; pure. */
export function countPods(pods: readonly PodSummary[], context: RuleContext): Pick<PodsLook, 'mustGo' | 'left'> {
  const decisions = pods.filter(({ isCompleted }) => !isCompleted).map((pod) => judgePod(pod, context).decision);
  const left = decisions.filter((decision) => decision === 'keep').length;
  const skipped = decisions.filter((decision) => decision === 'skip').length;
  return { mustGo: decisions.length - left - skipped, left };
}
