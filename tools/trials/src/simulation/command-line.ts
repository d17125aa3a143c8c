import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '../command-line.ts';
import { MOST_SEEDS, MUTATIONS } from './mutations/mutations.ts';
import type { MutationName } from './mutations/mutations.ts';

/** What the command was asked to do. */
export interface CommandLine {
  readonly help: boolean;
  /** The first and the last seed. */
  readonly seeds: readonly [from: number, to: number];
  /** Tell everything that happens in the one seed that is played, up to this moment in ms. */
  readonly until: number | undefined;
  /** Make a failing plan no smaller. */
  readonly whole: boolean;
  readonly workers: number | undefined;
  /** With which mutations the programs are played; `undefined`: with none. */
  readonly mutations: MutationName | 'all' | undefined;
  /** Write down what found them. */
  readonly writes: boolean;
  /** Write down what the programs do, in place of comparing with it. */
  readonly records: boolean;
}

export const usage = `Usage: npm run simulate -- [OPTION]...
Plays both programs and everything around them in this process, on a clock, a network and chances that a seed decides, and checks that
nothing is lost, done early, done twice or written where it may not be. A seed plays the same every time, bit for bit. What the programs
do when nothing goes wrong is compared with a recording, of the seeds that it has.
  --seeds A..B     plays these seeds; 1..300 by default
  --seed N         plays one seed
  --until MS       tells everything that happens in one seed, up to this moment of the play
  --whole          does not look for the smallest plan that fails alike
  --mutation NAME  breaks the programs in one place, and plays seeds, 1..${MOST_SEEDS} by default, until one finds it; its story is told
  --mutations      does so with every mutation; ends well when all are found
  --write          with --mutations: writes docs/reliability.md anew
  --record         plays what is recorded, without anything that goes wrong, and writes recorded/plays.json anew
  --workers N      plays so many at once; by default as many as there are processors
  --help           shows this text`;

/** Reads the command line. @throws TypeError with one clear message for what it does not understand */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      until: { type: 'string' },
      whole: { type: 'boolean', default: false },
      mutation: { type: 'string' },
      mutations: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      workers: { type: 'string' },
    },
  });
  const { seed, until, workers, mutation } = values;
  const names = MUTATIONS.map(({ name }) => name);
  const one = mutation === undefined ? undefined : oneOf('--mutation', 'mutation', mutation, names);
  const mutations = values.mutations ? 'all' : one;
  const { seeds = `1..${mutations === undefined ? 300 : MOST_SEEDS}` } = values;
  const [first = '', last = '', ...others] = seed === undefined ? seeds.split('..') : [seed, seed];
  if (others.length > 0) throw new TypeError(`--seeds: ${seeds} is no range like 1..300`);
  const from = wholeNumber('--seeds', first);
  const limit = until === undefined ? undefined : wholeNumber('--until', until);
  if (limit !== undefined && seed === undefined) throw new TypeError('--until needs --seed: it tells of one play');
  if (values.record && (mutations !== undefined || seed !== undefined || values.seeds !== undefined)) {
    throw new TypeError('--record plays the seeds of the recording, and the programs as they are');
  }
  if (values.write && !values.mutations) throw new TypeError('--write needs --mutations: the page has all of them');
  return {
    help: values.help,
    seeds: [from, wholeNumber('--seeds', last, from)],
    until: limit,
    whole: values.whole,
    workers: workers === undefined ? undefined : wholeNumber('--workers', workers, 1),
    mutations,
    writes: values.write,
    records: values.record,
  };
}
