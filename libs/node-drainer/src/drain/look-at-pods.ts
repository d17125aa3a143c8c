import * as v from 'valibot';
import type { KubernetesClient } from '../connection/client.ts';
import { listPages } from '../connection/follow.ts';
import { escapeFieldValue } from '../connection/outgoing.ts';
import type { Pod } from '../connection/wire.ts';
import { parseOptions } from '../invalid-options-error.ts';
import type { DrainOptions } from './options.ts';
import { ruleOptions } from './options.ts';
import type { PodSummary } from './pods/pod-summary.ts';
import { summarizePod } from './pods/pod-summary.ts';
import type { RuleContext } from './rules.ts';
import { judgePod } from './rules.ts';

/** Options of {@link lookAtPods}; they mean what they mean to a drain. */
export type LookOptions = Pick<
  DrainOptions,
  'ignoreDaemonSets' | 'deleteEmptyDirData' | 'skipPods' | 'cordonedAt' | 'signal'
>;

/** What is on a node. */
export interface PodsLook {
  /** Pods that run and must go, those that are on their way included. */
  readonly mustGo: number;
  /** Pods that run and stay, because a rule forbids to evict them. */
  readonly left: number;
}

/**
 * Counts the pods that a drain of the node would have to do with now, by its own rules. Pods that have ended, and those
 * that a drain leaves alone, count as nothing.
 *
 * It is one list, and never from the API server's cache: somebody may switch the machine off because of what it says.
 *
 * @throws {@link InvalidOptionsError}, {@link KubernetesApiError}, {@link KubernetesConnectionError}, the signal's reason
 */
export async function lookAtPods(
  client: KubernetesClient,
  nodeName: string,
  options: LookOptions = {},
): Promise<PodsLook> {
  const context = { ...parseOptions('lookAtPods', v.object(ruleOptions), options), cameAfterCordon: false };
  const query = { fieldSelector: `spec.nodeName=${escapeFieldValue(nodeName)}` };
  const signal = options.signal && { signal: options.signal };
  const pods: PodSummary[] = [];
  for await (const { items = [] } of listPages<Pod>(client, { resource: 'pods', query, ...signal })) {
    for (const pod of items) pods.push(summarizePod(pod));
  }
  return countPods(pods, context);
}

/** How many of these pods must go, and how many are left; pure. */
export function countPods(pods: readonly PodSummary[], context: RuleContext): PodsLook {
  const decisions = pods.filter(({ isCompleted }) => !isCompleted).map((pod) => judgePod(pod, context).decision);
  const left = decisions.filter((decision) => decision === 'refuse').length;
  const skipped = decisions.filter((decision) => decision === 'skip').length;
  return { mustGo: decisions.length - left - skipped, left };
}
