import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../command-line.ts';

/** The parts of the whole run, in the order in which they are run. */
const PARTS = ['matrix', 'situations', 'replicas', 'soak', 'polls'] as const;
export type Part = (typeof PARTS)[number];

/** What the command was asked to do. */
export interface CommandLine {
  readonly help: boolean;
  readonly parts: readonly Part[];
  /** Only cases of the matrix whose name contains one of these words. */
  readonly filters: readonly string[];
  /** Less of everything, for every check of a change. */
  readonly quick: boolean;
  /** By how much the bounds may be exceeded. */
  readonly patience: number;
  /** Write down what situations show, in place of comparing with what is written. */
  readonly record: boolean;
  /** How many events the soak has. */
  readonly events: number;
  /** How often each program looks in vain. */
  readonly polls: number;
}

export const usage = `Usage: npm run faults -- [OPTION]... [WORD]...
Breaks what the programs talk to and run on, with real processes, and checks that nothing is lost, done early, done twice or written where
it may not be. What comes at random moments is played by npm run simulate.
  WORD...          only cases of the matrix whose name contains one of the words
  --only PART      matrix, situations, replicas, soak or polls; may be given several times
  --record         play the situations, and write anew what they show into docs/troubleshooting.md
  --events N       how many events the soak has, 20,000 by default
  --polls N        how often each program looks in vain, 1,000,000 times by default
  --patience N     lets recoveries take N times their bound, for a machine that is busy with other things; 1 by default
  --quick          what only processes show, and less of it: 4,000 events, 4,000 polls, 20 s of SIGKILL, no situations;
                   all parts but the soak at once, patience 3
  --help           show this text`;

/** Reads the command line. @throws TypeError with one clear message for a word that there is not */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      events: { type: 'string' },
      polls: { type: 'string' },
      patience: { type: 'string' },
      quick: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const { quick, record } = values;
  const all = quick ? PARTS.filter((part) => part !== 'situations') : PARTS;
  const implied: readonly Part[] = record ? ['situations'] : positionals.length > 0 ? ['matrix'] : all;
  return {
    help: values.help,
    parts: values.only.length > 0 ? values.only.map((word) => oneOf('--only', 'part', word, PARTS)) : implied,
    filters: positionals,
    quick,
    record,
    patience: wholeNumber('--patience', values.patience ?? (quick ? '3' : '1')),
    events: wholeNumber('--events', values.events ?? (quick ? '4000' : '20000')),
    polls: wholeNumber('--polls', values.polls ?? (quick ? '4000' : '1000000')),
  };
}
