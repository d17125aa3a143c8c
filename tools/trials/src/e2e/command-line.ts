import { parseArgs } from 'node:util';
import { wholeNumber } from '../command-line.ts';

/** What a run is asked to do. */
export interface CommandLine {
  readonly contract: boolean;
  readonly scenarios: boolean;
  /** Only scenarios whose name contains one of these. Default: all. */
  readonly filters: readonly string[];
  /** Those scenarios, too, that take too long for every change. */
  readonly long: boolean;
  readonly concurrency: number;
  readonly help: boolean;
  readonly list: boolean;
}

/** How to call the program. */
export const usage = `Usage: npm run e2e -- [OPTION]... [WORD]...
  WORD...             only scenarios whose name contains one of the words
  --contract-only     only the contract tests
  --scenarios-only    only the scenarios
  --long              scenarios, too, that take too long for every change
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
      long: { type: 'boolean', default: false },
    },
  });
  return {
    // Words choose scenarios, so the contract is left out then.
    contract: !values['scenarios-only'] && positionals.length === 0,
    scenarios: !values['contract-only'],
    filters: positionals,
    long: values.long,
    concurrency: wholeNumber('--concurrency', values.concurrency, 1),
    help: values.help,
    list: values.list,
  };
}
