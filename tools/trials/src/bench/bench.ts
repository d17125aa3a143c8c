import type { Cluster } from './cluster.ts';
import type { SimulatedClusterOptions } from './simulated-cluster.ts';

/** What a figure counts; only of messages a second there can't be too many. */
export type Unit = 'ms' | 'MiB' | 'CPU ms/s' | 'messages/s' | 'requests' | 'calls' | 'times';

/** One thing that was measured, once or several times, and what it is to be judged by. */
export interface Figure {
  /** Names the figure from run to run, such as `notice.p50`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Of each repetition. */
  readonly ours: readonly number[];
  /** What the floor came to in the same repetition. */
  readonly floor?: readonly number[];
  /** What is to be reached: of the ratio to the floor where there is one. */
  readonly target?: number;
  /** What is to be reached by ours itself, whatever the floor came to. */
  readonly ownTarget?: number;
  /** What the incumbent was measured at elsewhere, on two cores with a real API server, tuned for speed. */
  readonly elsewhere?: string;
}

/** A figure, in the order in which one says it. */
export function figure(
  id: string,
  title: string,
  unit: Unit,
  ours: number | readonly number[],
  beside: Pick<Figure, 'floor' | 'target' | 'ownTarget' | 'elsewhere'> = {},
): Figure {
  return { id, title, unit, ours: typeof ours === 'number' ? [ours] : ours, ...beside };
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
  /** As `openCluster`, but always simulated: for clusters that would take a real one minutes to build, or that have a fault. */
  readonly openSimulatedCluster: (options?: SimulatedClusterOptions) => Promise<Cluster>;
  /** The picture of this name, an SVG. */
  readonly draw: (name: string, svg: string) => Promise<void>;
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
