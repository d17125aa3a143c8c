import { systemClock } from '@node-termination-handler/clock';
/** A node to be measured with. */
export interface BenchNode {
  readonly name: string;
  readonly instanceId: string;
  /** How many pods run on it. Default 0. */
  readonly pods?: number;
  /** Its pods never end. Default false. */
  readonly hangs?: boolean;
}

/** How often a program made a kind of request. */
export interface RequestCount {
  readonly verb: string;
  /** With the subresource: `pods/eviction`. */
  readonly resource: string;
  readonly count: number;
}

/** An API server to measure with, simulated or real. */
export interface Cluster extends AsyncDisposable {
  readonly kind: 'simulated' | 'real';
  /** The environment by which a program finds it, as a pod does. */
  readonly environment: Readonly<Record<string, string>>;
  /** The simulated server's knob for flow control: so many requests at once, the rest is told to come again. */
  readonly setSeats: ((seats: number | undefined) => void) | undefined;
  /** Adds nodes with their pods. */
  add(nodes: readonly BenchNode[]): Promise<void>;
  /** When each node was last seen to become unschedulable, on the clock of `systemClock.monotonic()`. */
  readonly cordonedAt: ReadonlyMap<string, number>;
  /** Resolves when so many nodes are unschedulable, or rejects after the timeout. */
  whenCordoned(nodes: readonly string[], timeoutMs: number): Promise<void>;
  /** Puts a node back into service. */
  uncordon(name: string): Promise<void>;
  /** What the program asked for since the last call. */
  takeRequests(): Promise<readonly RequestCount[]>;
}

/** Keeps the moments at which nodes become unschedulable. */
export class CordonWatch {
  readonly cordonedAt = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** Takes note of a node's state. */
  saw(name: string, isUnschedulable: boolean): void {
    if (!isUnschedulable) this.cordonedAt.delete(name);
    else if (!this.cordonedAt.has(name)) this.cordonedAt.set(name, systemClock.monotonic());
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves once all of the nodes are unschedulable. @throws Error after the timeout. */
  async whenCordoned(nodes: readonly string[], timeoutMs: number): Promise<void> {
    await this.#until(() => nodes.every((name) => this.cordonedAt.has(name)), timeoutMs);
  }

  /** Resolves once the node is schedulable. @throws Error after the timeout. */
  async whenUncordoned(name: string, timeoutMs: number): Promise<void> {
    await this.#until(() => !this.cordonedAt.has(name), timeoutMs);
  }

  async #until(holds: () => boolean, timeoutMs: number): Promise<void> {
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (holds()) resolve(undefined);
    };
    const timer = setTimeout(() => reject(new Error(`the nodes did not change within ${timeoutMs} ms`)), timeoutMs);
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }
}

/** Counts requests by verb and resource, the most frequent first. */
export function countRequests(
  requests: Iterable<{ readonly verb: string; readonly resource: string }>,
): RequestCount[] {
  const counts = new Map<string, { verb: string; resource: string; count: number }>();
  for (const { verb, resource } of requests) {
    const key = `${verb} ${resource}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { verb, resource, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}
