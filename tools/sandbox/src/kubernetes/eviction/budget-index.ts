import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readAt } from '../object/read.ts';
import { labelsMatch, selectorRequirements } from '../selectors/label-selector.ts';
import type { Requirement } from '../selectors/label-selector.ts';
import { objectKey } from '../store/change.ts';

interface Entry {
  readonly namespace: string;
  readonly key: string;
  /** Undefined for a selector that can't be read, which selects nothing. */
  readonly requirements: readonly Requirement[] | undefined;
  readonly pods: Map<string, KubernetesObject>;
}

/** Which pods each budget selects, kept up to date pod by pod. */
export class BudgetIndex {
  readonly #byNamespace = new Map<string, Map<string, Entry>>();

  /** Takes in a new or changed budget, with the pods of its namespace. */
  setBudget(budget: KubernetesObject, pods: readonly KubernetesObject[]): void {
    const namespace = budget.metadata.namespace ?? '';
    const requirements = selectorRequirements(readAt(budget, 'spec', 'selector'));
    const entry: Entry = { namespace, key: objectKey(budget), requirements, pods: new Map() };
    for (const pod of pods) if (selects(entry, pod)) entry.pods.set(objectKey(pod), pod);
    const entries = this.#byNamespace.get(namespace) ?? new Map<string, Entry>();
    entries.set(entry.key, entry);
    this.#byNamespace.set(namespace, entries);
  }

  removeBudget(budget: KubernetesObject): void {
    this.#byNamespace.get(budget.metadata.namespace ?? '')?.delete(objectKey(budget));
  }

  /** Takes in a pod, or its removal; answers the keys of the budgets that it concerns. */
  setPod(pod: KubernetesObject, isGone: boolean): readonly string[] {
    const concerned: string[] = [];
    const key = objectKey(pod);
    for (const entry of this.#byNamespace.get(pod.metadata.namespace ?? '')?.values() ?? []) {
      const isSelected = !isGone && selects(entry, pod);
      if (isSelected || entry.pods.has(key)) concerned.push(entry.key);
      if (isSelected) entry.pods.set(key, pod);
      else entry.pods.delete(key);
    }
    return concerned;
  }

  /** The pods that a budget selects. */
  podsOf(budget: KubernetesObject): readonly KubernetesObject[] {
    return [
      ...(this.#byNamespace
        .get(budget.metadata.namespace ?? '')
        ?.get(objectKey(budget))
        ?.pods.values() ?? []),
    ];
  }

  /** The keys of the budgets that select a pod. */
  budgetsOf(pod: KubernetesObject): readonly string[] {
    const entries = [...(this.#byNamespace.get(pod.metadata.namespace ?? '')?.values() ?? [])];
    return entries.filter((entry) => selects(entry, pod)).map(({ key }) => key);
  }

  /** The keys of all budgets of a namespace. */
  keysIn(namespace: string): Iterable<string> {
    return this.#byNamespace.get(namespace)?.keys() ?? [];
  }
}

function selects({ requirements }: Entry, pod: KubernetesObject): boolean {
  return requirements !== undefined && labelsMatch(requirements, pod.metadata.labels);
}
