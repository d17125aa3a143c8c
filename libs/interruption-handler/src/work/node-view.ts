import type { Clock } from '@node-termination-handler/clock';
import { isOlderVersion } from '@node-termination-handler/node-drainer';
import type { Cluster, ClusterNode } from '../cluster/cluster.ts';

/** Whether a watch has shown something new. */
type Shown = 'news' | 'nothing';

/**
 * A watch that has been silent for so long is not believed, in milliseconds: one that died so shows nothing for minutes, and the node is
 * read.
 */
export const BELIEVED_FOR_MS = 10_000;

/** A node as this process knows it, and whether that is what it is now: it is judged only by what was just read or is watched. */
export class NodeView {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #isDryRun: boolean;
  #node: ClusterNode;
  #isFresh = true;
  #knownAtMs: number;
  #isGone = false;

  /** @param options.dryRun - Nothing is written: the node stays as it would be by now, whatever it is. */
  constructor(cluster: Cluster, node: ClusterNode, options: { readonly clock: Clock; readonly dryRun: boolean }) {
    const { clock, dryRun } = options;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#node = node;
    this.#isDryRun = dryRun;
    this.#knownAtMs = clock.monotonic();
  }

  get node(): ClusterNode {
    return this.#node;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** A watch shows it. */
  shown(node: ClusterNode): Shown {
    if (this.#isDryRun) return 'nothing';
    if (isOlderVersion(this.#node.resourceVersion, node.resourceVersion)) {
      this.changed(node);
    } else if (isOlderVersion(node.resourceVersion, this.#node.resourceVersion)) {
      // The watch is behind, or an older state was restored: a read tells.
      this.#isFresh = false;
    } else return 'nothing';
    return 'news';
  }

  /** It is so now. */
  changed(node: ClusterNode): void {
    this.#node = node;
    this.#isFresh = true;
    this.#knownAtMs = this.#clock.monotonic();
  }

  /** It is gone, or another has its name. */
  gone(): void {
    this.#isGone = true;
  }

  /** What it is now is not known: it is read before it is judged. */
  doubt(): void {
    this.#isFresh = false;
  }

  /** Reads it now, whatever a watch has shown. */
  readNow(signal: AbortSignal): Promise<'here' | 'gone'> {
    if (!this.#isDryRun) this.doubt();
    return this.look(signal);
  }

  /** It was judged. Where nobody tells when it changes it may be another the next time. */
  judged(): void {
    if (this.#cluster.silentMs === Infinity && !this.#isDryRun) this.doubt();
  }

  /** Reads it where that is needed. */
  async look(signal: AbortSignal): Promise<'here' | 'gone'> {
    const knownForMs = this.#clock.monotonic() - this.#knownAtMs;
    const isOld = !this.#isDryRun && Math.min(this.#cluster.silentMs, knownForMs) >= BELIEVED_FOR_MS;
    if (!this.#isGone && (!this.#isFresh || isOld)) {
      // What comes while it is read may be newer than that.
      this.#isFresh = true;
      this.#knownAtMs = this.#clock.monotonic();
      const node = await this.#cluster.read(this.#node.name, signal);
      if (node?.uid === this.#node.uid) this.#node = node;
      else this.gone();
    }
    return this.#isGone ? 'gone' : 'here';
  }
}
