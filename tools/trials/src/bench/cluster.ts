import { systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../wait.ts';

/** A node to be measured with. */
export interface BenchNode {
  readonly name: string;
  readonly instanceId: string;
  /** How many pods run on it. Default 0. */
  readonly pods?: number;
}

/** How often a program made a kind of request. */
export interface RequestCount {
  readonly verb: string;
  /** With the subresource: `pods/eviction`. */
  readonly resource: string;
  readonly count: number;
}

/** An API server to measure with, simulated or real; its nodes go with it. */
export interface Cluster extends AsyncDisposable {
  /** The environment by which a program finds it, as a pod does. */
  readonly environment: Readonly<Record<string, string>>;
  /** Adds nodes with their pods. */
  add(nodes: readonly BenchNode[]): Promise<void>;
  /** When each node was last seen to become unschedulable, on the monotonic clock. */
  readonly cordonedAt: ReadonlyMap<string, number>;
  /** Resolves when so many nodes are unschedulable, or rejects after the timeout. */
  whenCordoned(nodes: readonly string[], timeoutMs: number): Promise<void>;
  /** Resolves when the node is schedulable, or rejects after the timeout. */
  whenUncordoned(name: string, timeoutMs: number): Promise<void>;
  /** Puts a node back into service without a mark on it, as if another instance had taken its place. */
  renew(name: string): Promise<void>;
  /** What the program asked for since the last call. */
  takeRequests(): Promise<readonly RequestCount[]>;
}

/** Keeps the moments at which nodes become unschedulable. */
export class CordonWatch {
  readonly cordonedAt = new Map<string, number>();

  /** Takes note of a node's state. */
  saw(name: string, isUnschedulable: boolean): void {
    if (!isUnschedulable) this.cordonedAt.delete(name);
    else if (!this.cordonedAt.has(name)) this.cordonedAt.set(name, systemClock.monotonic());
  }

  /** Resolves once all of the nodes are unschedulable. @throws Error after the timeout. */
  whenCordoned(nodes: readonly string[], timeoutMs: number): Promise<void> {
    return inTime(() => nodes.every((name) => this.cordonedAt.has(name)), timeoutMs);
  }

  /** Resolves once the node is schedulable. @throws Error after the timeout. */
  whenUncordoned(name: string, timeoutMs: number): Promise<void> {
    return inTime(() => !this.cordonedAt.has(name), timeoutMs);
  }
}

async function inTime(holds: () => boolean, timeoutMs: number): Promise<void> {
  // The moments are noted as they come; when this one looks changes no figure.
  if (!(await waitUntil(holds, timeoutMs, 2))) throw new Error(`the nodes did not change within ${timeoutMs} ms`);
}

/** Counts requests by verb and resource, the most frequent first. */
export function countRequests(requests: Iterable<Omit<RequestCount, 'count'>>): readonly RequestCount[] {
  const kinds = Map.groupBy(requests, ({ verb, resource }) => `${verb} ${resource}`);
  return [...kinds.values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [{ ...first, count: 1 + others.length }]))
    .sort((a, b) => b.count - a.count);
}

/** How many requests there were of any kind. */
export function totalOf(counts: readonly RequestCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
