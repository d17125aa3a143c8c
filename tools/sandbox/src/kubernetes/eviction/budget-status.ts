import { isoSeconds, readAt, readNumber, readStrings } from '../../json-value.ts';
import { conditionOf, controllerOf, withCondition } from '../object/object.ts';
import type { KubernetesObject, OwnerReference } from '../object/object.ts';
import { isReady, isTerminating } from '../object/pod.ts';

/** How long an eviction that was granted counts against the budget while its pod is still there, in milliseconds. */
const disruptionTimeoutMs = 120_000;

/** How many pods a controller wants; text says why that can't be told. */
type ScaleOf = (owner: OwnerReference, pods: readonly KubernetesObject[]) => number | string;

/** The counts in a budget's status; see https://kubernetes.io/docs/tasks/run-application/configure-pdb/. */
export function countsOf(budget: KubernetesObject) {
  const count = (field: string): number => readNumber(budget, 'status', field) ?? 0;
  return {
    currentHealthy: count('currentHealthy'),
    desiredHealthy: count('desiredHealthy'),
    expectedPods: count('expectedPods'),
    observedGeneration: count('observedGeneration'),
    disruptionsAllowed: count('disruptionsAllowed'),
  };
}

/** The status that the disruption controller writes for a budget and the pods that it selects. */
export function budgetStatus(
  budget: KubernetesObject,
  pods: readonly KubernetesObject[],
  scaleOf: ScaleOf,
  nowMs: number,
): unknown {
  const expectation = expected(budget, pods, scaleOf);
  if (typeof expectation === 'string') return failedStatus(budget, expectation, nowMs);
  const disruptedPods = stillDisrupted(budget, pods, nowMs);
  const healthy = pods.filter(
    (pod) => !isTerminating(pod) && !Object.hasOwn(disruptedPods, pod.metadata.name) && isReady(pod),
  );
  const { desiredHealthy, expectedPods } = expectation;
  const spare = healthy.length - desiredHealthy;
  const disruptionsAllowed = expectedPods <= 0 || spare <= 0 ? 0 : spare;
  const observedGeneration = budget.metadata.generation ?? 0;
  return {
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    observedGeneration,
    currentHealthy: healthy.length,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    conditions: withAllowedCondition(budget, disruptionsAllowed, observedGeneration, nowMs),
  };
}

function expected(
  budget: KubernetesObject,
  pods: readonly KubernetesObject[],
  scaleOf: ScaleOf,
): { readonly desiredHealthy: number; readonly expectedPods: number } | string {
  const minAvailable = readAt(budget, 'spec', 'minAvailable');
  const maxUnavailable = readAt(budget, 'spec', 'maxUnavailable');
  if (maxUnavailable === undefined && typeof minAvailable === 'number') {
    return { desiredHealthy: minAvailable, expectedPods: pods.length };
  }
  const expectedPods = totalScale(pods, scaleOf);
  if (typeof expectedPods === 'string') return expectedPods;
  if (maxUnavailable !== undefined) {
    return { desiredHealthy: Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods)), expectedPods };
  }
  return { desiredHealthy: minAvailable === undefined ? 0 : scaled(minAvailable, expectedPods), expectedPods };
}

function totalScale(pods: readonly KubernetesObject[], scaleOf: ScaleOf): number | string {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined || scales.has(owner.uid)) continue;
    const scale = scaleOf(owner, pods);
    if (typeof scale === 'string') return scale;
    scales.set(owner.uid, scale);
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
}

/** A number, or a percentage of the total rounded up. */
function scaled(value: unknown, total: number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? Number.parseInt(value, 10) : 0;
  return Math.ceil((percent * total) / 100);
}

function stillDisrupted(
  budget: KubernetesObject,
  pods: readonly KubernetesObject[],
  nowMs: number,
): Readonly<Record<string, string>> {
  const disrupted = readStrings(budget, 'status', 'disruptedPods');
  if (Object.keys(disrupted).length === 0) return {};
  const waiting = pods.filter((pod) => Object.hasOwn(disrupted, pod.metadata.name) && !isTerminating(pod));
  const entries = waiting.map(({ metadata }) => [metadata.name, disrupted[metadata.name] ?? ''] as const);
  return Object.fromEntries(entries.filter(([, since]) => Date.parse(since) + disruptionTimeoutMs >= nowMs));
}

/** The budget's conditions with `DisruptionAllowed` set by how many disruptions are allowed. */
export function withAllowedCondition(
  budget: KubernetesObject,
  disruptionsAllowed: number,
  observedGeneration: number,
  nowMs: number,
): readonly unknown[] {
  const [reason, status] = disruptionsAllowed > 0 ? ['SufficientPods', 'True'] : ['InsufficientPods', 'False'];
  return changedCondition(budget, { reason, status, observedGeneration, message: '' }, nowMs);
}

function changedCondition(
  budget: KubernetesObject,
  condition: Readonly<Record<string, unknown>>,
  nowMs: number,
): readonly unknown[] {
  const type = 'DisruptionAllowed';
  const previous = conditionOf(budget, type);
  const lastTransitionTime = previous.status === condition.status ? previous.lastTransitionTime : isoSeconds(nowMs);
  return withCondition(budget, { type, ...condition, lastTransitionTime });
}

function failedStatus(budget: KubernetesObject, message: string, nowMs: number): unknown {
  const counts = countsOf(budget);
  const { observedGeneration } = counts;
  const condition = { reason: 'SyncFailed', status: 'False', message, observedGeneration };
  return { ...counts, disruptionsAllowed: 0, conditions: changedCondition(budget, condition, nowMs) };
}
