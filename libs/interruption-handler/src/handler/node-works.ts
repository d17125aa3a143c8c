import type { EventId } from '@node-termination-handler/event-parsers';
import type { Cluster, ClusterNode } from './cluster.ts';
import { NodeWork } from './node-work.ts';

/** How many nodes without running work are remembered for what still holds them. */
const REMEMBERED_NODES = 2_000;

/** The work on every node, kept apart by UID: a node that took over the name of another is another node. */
export class NodeWorks {
  readonly #cluster: Cluster;
  readonly #byUid = new Map<string, NodeWork>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The one work on this node, whoever asks. */
  of(node: ClusterNode): NodeWork {
    const known = this.#byUid.get(node.uid);
    if (known !== undefined) {
      known.seen(node);
      return known;
    }
    this.#forgetOldest();
    const work = new NodeWork(this.#cluster, node);
    this.#byUid.set(node.uid, work);
    return work;
  }

  /** The work on the node that an event holds. */
  heldBy(id: EventId): NodeWork | undefined {
    return this.#byUid.values().find((work) => work.isHeldBy(id));
  }

  #forgetOldest(): void {
    for (const [uid, work] of this.#byUid) {
      if (this.#byUid.size < REMEMBERED_NODES) return;
      if (work.isIdle) this.#byUid.delete(uid);
    }
  }
}
