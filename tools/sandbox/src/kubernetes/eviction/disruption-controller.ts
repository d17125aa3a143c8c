import { deepEqual } from '../object/equal.ts';
import type { KubernetesObject, OwnerReference } from '../object/kubernetes-object.ts';
import { controllerOf } from '../object/kubernetes-object.ts';
import { readNumber } from '../object/read.ts';
import type { Registry } from '../registry/registry.ts';
import { resourceOf } from '../resources/table.ts';
import { builtIn } from '../resources/table.ts';
import { keyOf, objectKey } from '../store/change.ts';
import type { Change } from '../store/change.ts';
import { BudgetIndex } from './budget-index.ts';
import { budgetStatus } from './budget-status.ts';

const scalable = new Set(['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet']);

/**
 * Keeps the status of PodDisruptionBudgets up to date, as the disruption controller of a control plane does: whenever
 * their pods come, change or go. While it is off, a status stays as it was written (evictions still count it down).
 */
export class DisruptionController {
  readonly #registry: Registry;
  readonly #index = new BudgetIndex();
  readonly #dirty = new Set<string>();
  readonly #unsubscribe: () => void;
  #isEnabled: boolean;
  /** The key of the budget whose status is being written, which is no news. */
  #writing: string | undefined;
  #isScheduled = false;

  constructor(registry: Registry, options: { readonly enabled: boolean }) {
    this.#registry = registry;
    this.#isEnabled = options.enabled;
    this.#unsubscribe = registry.store.onChange((change) => {
      this.#note(change);
    });
  }

  /** Switches the keeping up to date on or off. */
  setEnabled(enabled: boolean): void {
    this.#isEnabled = enabled;
    if (!enabled) return;
    for (const budget of this.#registry.store.list(builtIn.budgets.storage)) this.#mark(objectKey(budget));
  }

  /** The budgets that select a pod. */
  budgetsOf(pod: KubernetesObject): readonly KubernetesObject[] {
    return this.#index.budgetsOf(pod).flatMap((key) => this.#registry.store.get(builtIn.budgets.storage, key) ?? []);
  }

  #flush(): void {
    while (this.#isEnabled && this.#dirty.size > 0) {
      const keys = [...this.#dirty];
      this.#dirty.clear();
      for (const key of keys) this.#sync(key);
    }
    this.#dirty.clear();
  }

  close(): void {
    this.#unsubscribe();
    this.#isEnabled = false;
  }

  #note(change: Change): void {
    const { pods, budgets } = builtIn;
    if (change.storage === pods.storage) {
      for (const key of this.#index.setPod(change.object, change.type === 'DELETED')) this.#mark(key);
    } else if (change.storage === budgets.storage) {
      if (change.type === 'DELETED') this.#index.removeBudget(change.object);
      else if (change.type === 'ADDED' || !deepEqual(change.previous.spec, change.object.spec)) {
        this.#index.setBudget(
          change.object,
          this.#registry.store.list(pods.storage, { namespace: change.object.metadata.namespace }),
        );
      }
      if (change.type !== 'DELETED') this.#mark(objectKey(change.object));
    } else if (scalable.has(change.object.kind)) {
      for (const key of this.#index.keysIn(change.object.metadata.namespace ?? '')) this.#mark(key);
    }
  }

  #mark(key: string): void {
    if (!this.#isEnabled || key === this.#writing) return;
    this.#dirty.add(key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Many pods that change in one turn of the loop cost one look at their budget.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    }).unref();
  }

  #sync(key: string): void {
    const { store, now } = this.#registry;
    const budget = store.get(builtIn.budgets.storage, key);
    if (budget === undefined) return;
    const pods = this.#index.podsOf(budget);
    const status = budgetStatus(budget, pods, (owner, all) => this.#scaleOf(budget, owner, all), now());
    if (deepEqual(budget.status, status)) return;
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
