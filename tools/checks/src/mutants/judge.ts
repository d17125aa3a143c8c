import type { Verdict } from '../finding.ts';
import type { Mutant } from './try-mutants.ts';

/** Why mutants of a line may live: a row of {@link REASONS}. */
export interface Reason {
  /** The path of the file from the root. */
  readonly file: string;
  /** The line on which they begin, without the blanks around it. */
  readonly line: string;
  /** What is put in place of what, as {@link told} says it. */
  readonly mutants: readonly string[];
  readonly why: string;
}

/** Where the reasons stand, relative to the repository. */
export const REASONS = 'tools/checks/mutants.json';

/** Of a hundred mutants of a file, so many must be noticed. */
const LEAST = 85;

/** How the mutants of a file fared. */
export interface Fared {
  readonly file: string;
  /** How many there are. */
  readonly all: number;
  readonly survivors: readonly Mutant[];
}

/** Counts the mutants of a file. Sentences for people are not counted: no test holds one to its letters. Pure. */
export function fared(file: string, mutants: readonly Mutant[]): Fared {
  const counted = mutants.filter((mutant) => mutant.file === file && !isSentence(mutant));
  return { file, all: counted.length, survivors: counted.filter(({ isAlive }) => isAlive) };
}

/** Keys, words of closed sets and names of fields have no blank in them. */
function isSentence({ mutator, original }: Mutant): boolean {
  return mutator === 'StringLiteral' && /\s/.test(original);
}

/** How many of a hundred mutants were noticed, rounded down to a tenth: what is not whole must not look so. Pure. */
export function scoreOf(files: readonly Fared[]): number {
  const all = files.reduce((sum, one) => sum + one.all, 0);
  const survivors = files.reduce((sum, one) => sum + one.survivors.length, 0);
  return all === 0 ? 100 : Math.floor(((all - survivors) / all) * 1000) / 10;
}

/** Holds a file to the least score, and the reasons to the truth: each survivor has one, and none is of what is noticed or gone. Pure. */
export function judge(one: Fared, reasons: readonly Reason[]): Verdict {
  const excused = reasons
    .filter(({ file }) => file === one.file)
    .flatMap(({ line, mutants }) => mutants.map((mutant) => ({ line, mutant })));
  const living = one.survivors.map((mutant) => ({ line: mutant.line, mutant: told(mutant) }));
  const has = (rows: typeof living, row: (typeof living)[number]) =>
    rows.some(({ line, mutant }) => line === row.line && mutant === row.mutant);
  const unexplained = living.filter((row) => !has(excused, row));
  const untrue = excused.filter((row) => !has(living, row));
  const score = scoreOf([one]);
  return {
    problems: [
      ...(score < LEAST ? [`only ${score} % are noticed; ${LEAST} % must be`] : []),
      ...unexplained.map(
        ({ line, mutant }) => `no test notices, and ${REASONS} does not say why: ${mutant}  in  ${line}`,
      ),
      ...untrue.map(({ line, mutant }) => `noticed or gone, so it leaves ${REASONS}: ${mutant}  in  ${line}`),
    ],
    detail: `${score} % of ${one.all} mutants are noticed`,
  };
}

const LONGEST = 100;

/** A mutant on one line. Pure. */
export function told({ original, replacement }: Pick<Mutant, 'original' | 'replacement'>): string {
  return `${onOneLine(original)} → ${onOneLine(replacement)}`;
}

function onOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
