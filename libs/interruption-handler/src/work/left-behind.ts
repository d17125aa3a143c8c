import type { NodeRef } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import { withEntriesOf } from '../record/entry.ts';
import type { NodeRecord } from '../record/entry.ts';
import { next } from '../record/transitions.ts';
import type { RecordInput } from '../record/transitions.ts';
import type { Engine } from './engine.ts';
import { NewestOf } from './newest-of.ts';

/** A node object that is gone, and its record. */
interface Left {
  readonly gone: ClusterNode;
  readonly record: NodeRecord;
}

/** What was left to be done on nodes whose objects are gone, until their kubelets register them anew: the same name, and the same instance. */
export class LeftBehind {
  readonly #engine: Pick<Engine, 'clock' | 'graceMs'>;
  /** By the names of the nodes. */
  readonly #left = new NewestOf<Left>();
  /** The uids of those that are gone. */
  readonly #gone = new NewestOf<true>();

  constructor(engine: Pick<Engine, 'clock' | 'graceMs'>) {
    this.#engine = engine;
  }

  /** A node object is gone; `record`: what was left to be done. Where a late watch has shown it once more, what it said then is old. */
  keep(gone: ClusterNode, record: NodeRecord | undefined): void {
    const isOld = this.#gone.has(gone.uid);
    this.#gone.set(gone.uid, true);
    if (isOld || record === undefined || gone.instanceId === undefined) return;
    const other = this.#left.get(gone.name);
    const isSame = other?.gone.instanceId === gone.instanceId;
    this.#left.set(gone.name, { gone, record: isSame ? withEntriesOf(record, other.record) : record });
  }

  /** Whether it still waits for a node to be registered in the place of one that is gone. */
  isKept({ name, uid }: ClusterNode): boolean {
    return this.#left.get(name)?.gone.uid === uid;
  }

  /** Whether there is something for a node: never for the object that is gone, which a watch that is behind still shows. */
  has({ name, uid, instanceId }: ClusterNode): boolean {
    const left = this.#left.get(name);
    return left !== undefined && left.gone.uid !== uid && left.gone.instanceId === instanceId;
  }

  /** What there is for a node; no other gets it. */
  take(node: ClusterNode): NodeRecord | undefined {
    return this.has(node) ? this.#left.take(node.name)?.record : undefined;
  }

  /** Something happened to an instance: it belongs into what is left, too. */
  write(target: NodeRef, input: RecordInput): void {
    const { clock, graceMs } = this.#engine;
    for (const { gone, record } of this.#left.values()) {
      if (!isOf(gone, target)) continue;
      const seen = { now: clock.now(), cordonedByOthers: false, bootId: record.bootId, graceMs };
      this.#left.set(gone.name, { gone, record: next(record, input, seen) });
    }
  }
}

/** Whether a node has the name or the instance that is meant. */
export function isOf(node: ClusterNode, { name, instanceId }: NodeRef): boolean {
  return node.name === name || (instanceId !== undefined && node.instanceId === instanceId);
}
