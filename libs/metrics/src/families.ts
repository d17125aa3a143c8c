import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';

/** The labels of a family, each with its closed set of values. */
type Labels = readonly (readonly [name: string, values: readonly string[]])[];

/** One value for each label, in their order. */
type Values<Of extends Labels> = { readonly [Index in keyof Of]: Of[Index][1][number] };

/** What a family has beside its name, its help and its labels. */
interface FamilyOptions {
  /** Labels with the one value that they have in each sample. */
  readonly fixed?: Readonly<Record<string, string>>;
  /**
   * Which label sets stand at 0 from the start: a counter that appears only with its first increase hides that increase from `rate()` and
   * `increase()`. `first`: all values of the last label from the first of its kind on. Default: every one that there can be.
   */
  readonly atZero?: readonly (readonly string[])[] | 'first';
}

/** Makes families of metrics in a registry, each as the function that counts or measures: it takes the values of its labels in their order. */
export function familiesIn(registry: Registry) {
  const registers = [registry];
  const parts = (labels: Labels, { fixed = {}, atZero = product(labels) }: FamilyOptions = {}) => {
    const labelNames = [...labels.map(([name]) => name), ...Object.keys(fixed)];
    // A label that could hold anything grows a time series for each value, until memory ends.
    const setOf = (values: readonly string[]): Record<string, string> => {
      const bounded: Record<string, string> = {};
      for (const [index, [name, known]] of labels.entries()) {
        const value = values[index] ?? 'other';
        bounded[name] = known.includes(value) ? value : 'other';
      }
      return Object.assign(bounded, fixed);
    };
    return { labelNames, setOf, atZero };
  };
  return {
    counter: <const Of extends Labels>(name: string, help: string, labels: Of, options?: FamilyOptions) => {
      const { labelNames, setOf, atZero } = parts(labels, options);
      const counter = new Counter({ name, help, labelNames, registers });
      for (const values of atZero === 'first' ? [] : atZero) counter.inc(setOf(values), 0);
      const seen = new Set<string>();
      return (...told: Values<Of>): void => {
        const values: readonly string[] = told;
        const set = setOf(values);
        const kind = Object.values(set).slice(0, -1).join(' ');
        if (atZero === 'first' && !seen.has(kind)) {
          seen.add(kind);
          for (const last of labels.at(-1)?.[1] ?? []) counter.inc(setOf([...values.slice(0, -1), last]), 0);
        }
        counter.inc(set);
      };
    },
    gauge: (name: string, help: string, fixed: Readonly<Record<string, string>> = {}) => {
      const gauge = new Gauge({ name, help, labelNames: Object.keys(fixed), registers });
      gauge.set(fixed, 0);
      return (count: number): void => gauge.set(fixed, count);
    },
    /** Is read at each scrape, by whatever function it was given last; 0 until then. */
    readGauge: (name: string, help: string) => {
      let read: () => number | boolean = () => 0;
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(Number(read()));
        },
      });
      return (by: () => number | boolean): void => void (read = by);
    },
    histogram: <const Of extends Labels>(name: string, help: string, buckets: number[], labels: Of) => {
      const { labelNames, setOf } = parts(labels);
      const histogram = new Histogram({ name, help, buckets, labelNames, registers });
      for (const values of product(labels)) histogram.zero(setOf(values));
      return (...told: readonly [...values: Values<Of>, seconds: number]): void => {
        const seconds = Number(told.at(-1));
        // Clocks of different machines differ; a histogram with a sum must not go down.
        histogram.observe(setOf(told.slice(0, -1).map(String)), Number.isFinite(seconds) ? Math.max(0, seconds) : 0);
      };
    },
  };
}

/** Every combination of one value of each label. */
function product(labels: Labels): readonly (readonly string[])[] {
  return labels.reduce<readonly (readonly string[])[]>(
    (sets, [, values]) => sets.flatMap((set) => values.map((value) => [...set, value])),
    [[]],
  );
}
