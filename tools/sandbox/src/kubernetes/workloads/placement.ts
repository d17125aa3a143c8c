import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readAt, readList, readString } from '../object/read.ts';
import { builtIn } from '../resources/table.ts';
import type { Store } from '../store/store.ts';

/** The node with the fewest pods among those that take new ones, if there is any. */
export function placeFor(store: Store): string | undefined {
  const candidates = store
    .list(builtIn.nodes.storage)
    .filter(takesPods)
    .map((node) => ({
      name: node.metadata.name,
      load: store.list(builtIn.pods.storage, { nodeName: node.metadata.name }).length,
    }));
  return candidates.sort((left, right) => left.load - right.load || (left.name < right.name ? -1 : 1))[0]?.name;
}

/** Is the node schedulable, ready and free of taints that keep pods away? */
export function takesPods(node: KubernetesObject): boolean {
  const isCordoned = readAt(node, 'spec', 'unschedulable') === true;
  const isRepelling = readList(node, 'spec', 'taints').some(
    (taint) => readString(taint, 'effect') !== 'PreferNoSchedule',
  );
  const isUnready = readList(node, 'status', 'conditions').some(
    (condition) => readString(condition, 'type') === 'Ready' && readString(condition, 'status') !== 'True',
  );
  return !isCordoned && !isRepelling && !isUnready && node.metadata.deletionTimestamp === undefined;
}
