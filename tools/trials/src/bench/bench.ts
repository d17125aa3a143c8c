import type { Cluster, SimulatedCluster } from './cluster.ts';

/** What a figure counts; only of messages a second there can't be too many. */
export type Unit = 'ms' | 'MiB' | 'CPU ms/s' | 'messages/s' | 'requests' | 'calls' | 'times' | 'nodes' | 'KiB';

/** One measured number, and what it is to be judged by. */
export interface Figure {
  /** Names the figure from run to run, such as `notice.p50`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly ours: number;
  /** What the program that behaves like the incumbent came to in the same run. */
  readonly baseline?: number;
  /** The baseline was stopped before its end: its figure is the least it can be. */
  readonly isBaselineCutOff?: boolean;
  readonly target?: number;
}

/** A figure, in the order in which one says it. */
export function figure(
  id: string,
  title: string,
  unit: Unit,
  ours: number,
  beside: Pick<Figure, 'baseline' | 'isBaselineCutOff' | 'target'> = {},
): Figure {
  return { id, title, unit, ours, ...beside };
}

/** Named series of numbers behind the figures: for pictures, and for who wants to look closer. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** What one bench found out. */
export interface BenchResult {
  readonly figures: readonly Figure[];
  readonly samples?: Samples;
  /** Tables that are not figures, such as requests by verb and resource: lines of cells, the first one its head. */
  readonly tables?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** What a bench works with. */
export interface BenchContext {
  /** A cluster for one measurement; its nodes are the bench's own. */
  readonly openCluster: () => Promise<Cluster>;
  /** As `openCluster`, but always simulated: for clusters that would take a real one minutes to build. */
  readonly openSimulatedCluster: () => Promise<SimulatedCluster>;
  /** Says how far it is. */
  readonly report: (line: string) => void;
}

/** One thing that is measured. */
export interface Bench {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<BenchResult>;
}
