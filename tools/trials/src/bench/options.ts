import { parseArgs } from 'node:util';

/** What the bench is asked to do. */
export interface BenchOptions {
  /** Simulated API server in place of the real one. */
  readonly quick: boolean;
  /** The names of the benches to run; empty for all. */
  readonly only: readonly string[];
  /** Commit this run's figures as the ones that later runs are compared with. */
  readonly save: boolean;
}

/** Reads the command line. @throws TypeError for an option that there is not. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      save: { type: 'boolean', default: false },
    },
  });
  return { ...values, only: values.only.flatMap((names) => names.split(',')) };
}
