import { isDeepStrictEqual } from 'node:util';
import { readAt, readNumber } from '../../json-value.ts';
import { WorkQueue } from '../controllers/work-queue.ts';
import { controllerOf, keyOf, objectKey } from '../object/object.ts';
import type { KubernetesObject, OwnerReference } from '../object/object.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn, resourceOf } from '../resources/resources.ts';
import { labelsMatch, selectorRequirements } from '../selectors/label-selector.ts';
import type { Requirement } from '../selectors/label-selector.ts';
import type { Change } from '../store/store.ts';
import { budgetStatus } from './budget-status.ts';

interface Entry {
  readonly key: string;
  readonly namespace: string | undefined;
  /** Undefined for a selector that can't be read, which selects nothing. */
  readonly requirements: readonly Requirement[] | undefined;
  readonly pods: Map<string, KubernetesObject>;
}

/** Which pods each budget selects, kept up to date pod by pod. */
class BudgetIndex {
  readonly #entries = new Map<string, Entry>();

  /** Takes in a new or changed budget, with the pods of its namespace. */
  setBudget(budget: KubernetesObject, pods: readonly KubernetesObject[]): void {
    const key = objectKey(budget);
    const requirements = selectorRequirements(readAt(budget, 'spec', 'selector'));
    const entry: Entry = { key, namespace: budget.metadata.namespace, requirements, pods: new Map() };
    for (const pod of pods) if (selects(entry, pod)) entry.pods.set(objectKey(pod), pod);
    this.#entries.set(key, entry);
  }

  removeBudget(budget: KubernetesObject): void {
    this.#entries.delete(objectKey(budget));
  }

  /** Takes in a pod, or its removal; answers the keys of the budgets that it concerns. */
  setPod(pod: KubernetesObject, isGone: boolean): readonly string[] {
    const podKey = objectKey(pod);
    const concerned = this.#in(pod).filter((entry) => {
      const wasSelected = entry.pods.delete(podKey);
      const isSelected = !isGone && selects(entry, pod);
      if (isSelected) entry.pods.set(podKey, pod);
      return isSelected || wasSelected;
    });
    return concerned.map(({ key }) => key);
  }

  /** The pods that a budget selects. */
  podsOf(budget: KubernetesObject): readonly KubernetesObject[] {
    return [...(this.#entries.get(objectKey(budget))?.pods.values() ?? [])];
  }

  /** The keys of the budgets that select a pod. */
  budgetsOf(pod: KubernetesObject): readonly string[] {
    return this.#in(pod).flatMap((entry) => (selects(entry, pod) ? entry.key : []));
  }

  /** The keys of all budgets of an object's namespace. */
  keysBeside(object: KubernetesObject): readonly string[] {
    return this.#in(object).map(({ key }) => key);
  }

  #in({ metadata: { namespace } }: KubernetesObject): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.namespace === namespace);
  }
}

function selects({ requirements }: Entry, pod: KubernetesObject): boolean {
  return requirements !== undefined && labelsMatch(requirements, pod.metadata.labels);
}

const scalable = new Set(['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet']);

/**
 * Keeps the status of PodDisruptionBudgets up to date, as the disruption controller of a control plane does: whenever
 * their pods come, change or go. While it is off, a status stays as it was written (evictions still count it down).
 */
export class DisruptionController implements Disposable {
  readonly #registry: Registry;
  readonly #index = new BudgetIndex();
  /** Many pods that change in one turn of the loop cost one look at their budget. */
  readonly #queue = new WorkQueue();
  readonly #unsubscribe: () => void;
  #isEnabled: boolean;
  /** The key of the budget whose status is being written, which is no news. */
  #writing: string | undefined;

  constructor(registry: Registry, options: { readonly enabled: boolean }) {
    this.#registry = registry;
    this.#isEnabled = options.enabled;
    this.#unsubscribe = registry.store.onChange((change) => this.#note(change));
  }

  /** Switches the keeping up to date on or off. */
  setEnabled(enabled: boolean): void {
    this.#isEnabled = enabled;
    if (!enabled) this.#queue.clear();
    for (const budget of this.#registry.store.list(builtIn.budgets.storage)) this.#mark(objectKey(budget));
  }

  /** The budgets that select a pod. */
  budgetsOf(pod: KubernetesObject): readonly KubernetesObject[] {
    return this.#index.budgetsOf(pod).flatMap((key) => this.#registry.store.get(builtIn.budgets.storage, key) ?? []);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.setEnabled(false);
  }

  #note(change: Change): void {
    const { pods, budgets } = builtIn;
    if (change.storage === pods.storage) {
      for (const key of this.#index.setPod(change.object, change.type === 'DELETED')) this.#mark(key);
    } else if (change.storage === budgets.storage) {
      if (change.type === 'DELETED') {
        this.#index.removeBudget(change.object);
        return;
      }
      if (change.type === 'ADDED' || !isDeepStrictEqual(change.previous.spec, change.object.spec)) {
        const { namespace } = change.object.metadata;
        this.#index.setBudget(change.object, this.#registry.store.list(pods.storage, { namespace }));
      }
      this.#mark(objectKey(change.object));
    } else if (scalable.has(change.object.kind)) {
      for (const key of this.#index.keysBeside(change.object)) this.#mark(key);
    }
  }

  #mark(key: string): void {
    if (this.#isEnabled && key !== this.#writing) this.#queue.add(key, () => this.#sync(key));
  }

  #sync(key: string): void {
    const { store, clock } = this.#registry;
    const budget = store.get(builtIn.budgets.storage, key);
    if (budget === undefined) return;
    const pods = this.#index.podsOf(budget);
    const status = budgetStatus(budget, pods, (owner, all) => this.#scaleOf(budget, owner, all), clock.now());
    if (isDeepStrictEqual(budget.status, status)) return;
    this.#writing = key;
    store.put(builtIn.budgets.storage, { ...budget, status });
    this.#writing = undefined;
  }

  #scaleOf(budget: KubernetesObject, owner: OwnerReference, pods: readonly KubernetesObject[]): number | string {
    const namespace = budget.metadata.namespace;
    if (!scalable.has(owner.kind)) {
      const definition = resourceOf(owner.apiVersion, owner.kind);
      if (definition === undefined) return `no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`;
      const group = definition.group === '' ? '' : `.${definition.group}`;
      return `${definition.resource}${group} does not implement the scale subresource`;
    }
    const object = this.#find(owner, namespace);
    const parent = object === undefined ? undefined : controllerOf(object);
    const scaled = (parent === undefined ? undefined : this.#find(parent, namespace)) ?? object;
    // Pods that were put into the store without their controller: as many as there are is the best guess.
    return readNumber(scaled, 'spec', 'replicas') ?? pods.filter((pod) => controllerOf(pod)?.uid === owner.uid).length;
  }

  #find(owner: OwnerReference, namespace: string | undefined): KubernetesObject | undefined {
    const definition = resourceOf(owner.apiVersion, owner.kind);
    const object =
      definition === undefined ? undefined : this.#registry.store.get(definition.storage, keyOf(namespace, owner.name));
    return object?.metadata.uid === owner.uid ? object : undefined;
  }
}
