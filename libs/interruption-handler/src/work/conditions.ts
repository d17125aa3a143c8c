import { backoffMs } from '@node-termination-handler/clock';
import { conditionWrites, isOwnCondition } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { Marks } from '../record/marks.ts';
import type { Engine } from './engine.ts';

/** How long it is left to the process that has written the record to show what it says, in milliseconds; then any other does it. */
const WRITER_FIRST_MS = 10_000;
/** How the pauses grow after which conditions that were refused are tried again. */
const AGAIN = { firstMs: 1_000, maxMs: 300_000 };
/** So often they are tried on a node with which there is nothing else to do; another look at it begins anew. */
const TRIES_ALONE = 3;

/** The node that is worked on. */
interface ConditionsSite {
  node(): ClusterNode;
  /** The node as it is with its conditions. */
  shown(node: ClusterNode): void;
  /** Something has changed. */
  wake(): void;
}

/**
 * Shows in the conditions of one node what its record says, beside the work on it: nothing waits for them, and whoever may not write them
 * drains all the same. They are marks like the others, but stand in the node's status, which takes a request of its own; so they follow the
 * record, and are compared with what the node shows.
 */
export class NodeConditions {
  readonly #engine: Engine;
  readonly #site: ConditionsSite;
  readonly #stop = new AbortController();
  #wanted: Marks['conditions'] = [];
  #showing: Promise<void> | undefined;
  /** When they are to be written; absent when the node shows them. */
  #dueAtMs: number | undefined;
  #failed = 0;

  constructor(engine: Engine, site: ConditionsSite) {
    this.#engine = engine;
    this.#site = site;
  }

  /** Whether the work on the node may not end yet for their sake. */
  get isBusy(): boolean {
    return this.#showing !== undefined || (this.#dueAtMs !== undefined && this.#failed < TRIES_ALONE);
  }

  /** In how many milliseconds they are to be written; not positive where they are being written, or nothing is. */
  get dueInMs(): number {
    return this.#showing === undefined ? (this.#dueAtMs ?? -Infinity) - this.#engine.clock.monotonic() : 0;
  }

  /** What the record says now; `isOwn`: this process has just written it. */
  follow(wanted: Marks['conditions'], isOwn: boolean): void {
    if (!showsConditions(this.#engine)) return;
    const { clock } = this.#engine;
    this.#wanted = wanted;
    if (isShown(this.#site.node(), wanted)) {
      this.#dueAtMs = undefined;
      this.#failed = 0;
      return;
    }
    const now = clock.monotonic();
    if (isOwn && this.#failed === 0) this.#dueAtMs = now;
    this.#dueAtMs ??= now + WRITER_FIRST_MS;
    if (this.#showing === undefined && this.#dueAtMs <= now) {
      this.#showing = this.#show().finally(() => {
        this.#showing = undefined;
        this.#site.wake();
      });
    }
  }

  /** Writes nothing any more. Resolves when nothing is being written. */
  async stop(reason: Error): Promise<void> {
    this.#stop.abort(reason);
    await this.#showing;
  }

  /** Never rejects. */
  async #show(): Promise<void> {
    const { clock, cluster, cordonFirst } = this.#engine;
    const { signal } = this.#stop;
    // What is wanted from now on may be another; then it is due again.
    this.#dueAtMs = undefined;
    try {
      await cordonFirst.quiet(signal);
      const after = await cluster.show(this.#site.node(), this.#wanted, signal);
      this.#failed = 0;
      if (after !== undefined) this.#site.shown(after);
    } catch {
      // The cluster says why. Where much is to be shown, what is refused is not asked for much.
      this.#failed += 1;
      this.#dueAtMs = clock.monotonic() + backoffMs(this.#failed, AGAIN);
    }
  }
}

/** Whether this process shows conditions; one that may not write them leaves those alone that others have written. */
export function showsConditions({ marks, dryRun }: Pick<Engine, 'marks' | 'dryRun'>): boolean {
  return marks.conditions && !dryRun;
}

/** Whether conditions of this program stand on a node. */
export function carriesConditions({ conditions }: ClusterNode): boolean {
  return conditions.some(isOwnCondition);
}

function isShown(node: ClusterNode, wanted: Marks['conditions']): boolean {
  return conditionWrites(node, wanted, new Date(0)).length === 0;
}
