/** What a burst of so many nodes came to, with one replica. */
export interface Point {
  readonly nodes: number;
  /** Of all nodes together. */
  readonly pods: number;
  /** To the API server. */
  readonly requests: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** What a burst costs: straight lines, for nothing that is done for a node grows with the number of the others. */
export interface Costs {
  readonly requestsPerNode: number;
  readonly startCpuMs: number;
  readonly cpuMsPerPod: number;
  readonly startMiB: number;
  readonly mibPerNode: number;
}

/** The lines through two measured points. Pure. */
export function costsFrom(one: Point, other: Point): Costs {
  const nodes = other.nodes - one.nodes;
  const cpuMsPerPod = (other.cpuMs - one.cpuMs) / (other.pods - one.pods);
  // Collectors breathe: less memory for more nodes is none for any.
  const mibPerNode = Math.max(0, (other.peakMiB - one.peakMiB) / nodes);
  return {
    requestsPerNode: (other.requests - one.requests) / nodes,
    cpuMsPerPod,
    startCpuMs: one.cpuMs - cpuMsPerPod * one.pods,
    mibPerNode,
    startMiB: one.peakMiB - mibPerNode * one.nodes,
  };
}

/** What the lines say of a burst. Pure. */
export function pointOf(costs: Costs, nodes: number, pods: number): Point {
  return {
    nodes,
    pods,
    requests: costs.requestsPerNode * nodes,
    cpuMs: costs.startCpuMs + costs.cpuMsPerPod * pods,
    peakMiB: costs.startMiB + costs.mibPerNode * nodes,
  };
}

/** What has a burst done, and where it is done. */
export interface Situation {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Each on a core of its own. */
  readonly replicas: number;
  /** Requests that the API server has for the programs, a second. */
  readonly requestsPerSecond: number;
}

/** What a burst comes to. */
export interface Prediction {
  readonly requests: number;
  /** The time that the API server takes for them, and each replica for its share; the longer one is how long it lasts. */
  readonly apiSeconds: number;
  readonly cpuSeconds: number;
  readonly mibPerReplica: number;
  readonly limit: 'API server' | 'CPU';
}

/** Says how a burst goes: whoever is slower sets the pace, and replicas share the nodes. Pure. */
export function predict(costs: Costs, { nodes, podsPerNode, replicas, requestsPerSecond }: Situation): Prediction {
  const share = pointOf(costs, nodes / replicas, (nodes * podsPerNode) / replicas);
  const requests = costs.requestsPerNode * nodes;
  const apiSeconds = requests / requestsPerSecond;
  const cpuSeconds = share.cpuMs / 1000;
  const limit = apiSeconds > cpuSeconds ? 'API server' : 'CPU';
  return { requests, apiSeconds, cpuSeconds, mibPerReplica: share.peakMiB, limit };
}
