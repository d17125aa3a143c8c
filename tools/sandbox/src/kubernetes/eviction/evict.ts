import { isoSeconds, readRecord, readString } from '../../json-value.ts';
import { conditionOf, withCondition } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { ignoresBudgets, isReady } from '../object/pod.ts';
import { checkPreconditions, deleteObject } from '../registry/delete.ts';
import type { DeleteOptions } from '../registry/delete.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';
import { evicted, evictionBlocked, forbidden, serverFailure } from '../status.ts';
import type { Status } from '../status.ts';
import { countsOf, withAllowedCondition } from './budget-status.ts';
import type { DisruptionController } from './disruption-controller.ts';

const maxDisruptedPods = 2000;
const budgetResource = { group: 'policy', resource: 'poddisruptionbudget' };

/**
 * Evicts a pod if its budget allows, step by step as the real server does; see
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/.
 * @throws {ApiError} 404 when the pod is not there, 409 when a precondition does not hold, 429 when a budget is in the
 * way, 500 when two budgets select the pod.
 */
export function evictPod(
  registry: Registry,
  budgets: DisruptionController,
  pod: { readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): Status {
  const existing = registry.get(builtIn.pods, pod.namespace, pod.name);
  const [budget, ...others] = ignoresBudgets(existing) ? [] : budgets.budgetsOf(existing);
  const several = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  if (others.length > 0) throw serverFailure(several);
  if (budget !== undefined && !mayGoUnhealthy(existing, budget)) {
    countDown(registry, existing, budget, options.dryRun === true);
  }
  markAndDelete(registry, existing, options);
  return evicted();
}

/** A pod that is not ready serves nobody: it may go if the policy says always, or while the budget has enough without it. */
function mayGoUnhealthy(pod: KubernetesObject, budget: KubernetesObject): boolean {
  if (isReady(pod)) return false;
  if (readString(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const { currentHealthy, desiredHealthy } = countsOf(budget);
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function countDown(registry: Registry, pod: KubernetesObject, budget: KubernetesObject, isDryRun: boolean): void {
  const { name, generation = 0 } = budget.metadata;
  const { observedGeneration, disruptionsAllowed } = countsOf(budget);
  if (observedGeneration < generation) {
    throw evictionBlocked(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const disruptedPods = readRecord(budget, 'status', 'disruptedPods');
  if (disruptionsAllowed < 0) throw forbidden(budgetResource, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(budgetResource, name, why);
  }
  if (disruptionsAllowed === 0) throw evictionBlocked(reasonOf(budget), 0);
  if (isDryRun) return;
  const left = disruptionsAllowed - 1;
  registry.store.put(builtIn.budgets.storage, {
    ...budget,
    status: {
      ...readRecord(budget, 'status'),
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: isoSeconds(registry.clock.now()) },
      ...(left === 0
        ? { conditions: withAllowedCondition(budget, left, observedGeneration, registry.clock.now()) }
        : {}),
    },
  });
}

function reasonOf(budget: KubernetesObject): string {
  const { name } = budget.metadata;
  const { currentHealthy, desiredHealthy } = countsOf(budget);
  const condition = conditionOf(budget, 'DisruptionAllowed');
  const message = condition.status === 'False' ? (readString(condition, 'message') ?? '') : '';
  const reason = readString(condition, 'reason') ?? '';
  if (message !== '' && reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${message}`;
  }
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return message === ''
    ? `The disruption budget ${name} does not allow evicting pods currently`
    : `The disruption budget ${name} does not allow evicting pods currently (${reason}): ${message}`;
}

function markAndDelete(registry: Registry, pod: KubernetesObject, options: DeleteOptions): void {
  const { namespace, name } = pod.metadata;
  checkPreconditions(builtIn.pods, registry.get(builtIn.pods, namespace, name), options);
  const { resourceVersion: _, ...rest } = options;
  if (options.dryRun !== true) {
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: isoSeconds(registry.clock.now()),
    };
    const mark = (existing: KubernetesObject): KubernetesObject =>
      conditionOf(existing, target.type).status === 'True'
        ? existing
        : { ...existing, status: { ...readRecord(existing, 'status'), conditions: withCondition(existing, target) } };
    registry.update(builtIn.pods, namespace, name, mark, { part: 'status' });
  }
  deleteObject(registry, builtIn.pods, namespace, name, rest);
}
