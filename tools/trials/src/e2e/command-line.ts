import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface CommandLine {
  readonly contract: boolean;
  readonly scenarios: boolean;
  /** Only scenarios whose name contains one of these. Default: all. */
  readonly filters: readonly string[];
  readonly concurrency: number;
  readonly help: boolean;
  readonly list: boolean;
}

/** How to call the program. */
export const usage = `Usage: main.ts [options] [words of a scenario's name...]
  --contract-only     only the contract tests
  --scenarios-only    only the scenarios
  --concurrency N     scenarios at once (default 4)
  --list              print the scenarios and what each proves
KUBERNETES_VERSION chooses the version: a minor such as 1.36, "newest" (default) or "oldest".`;

/**
 * Reads the command line.
 *
 * @throws TypeError for an unknown option.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'contract-only': { type: 'boolean', default: false },
      'scenarios-only': { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '4' },
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new TypeError('--concurrency must be a positive number');
  return {
    // Words choose scenarios, so the contract is left out then.
    contract: !values['scenarios-only'] && positionals.length === 0,
    scenarios: !values['contract-only'],
    filters: positionals,
    concurrency,
    help: values.help,
    list: values.list,
  };
}
