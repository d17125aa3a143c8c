import { systemClock } from '@node-termination-handler/clock';

/** What came of looking at one thing. */
export interface Verdict {
  /** What is wrong, a line each; none when all is well. */
  readonly problems?: readonly string[];
  /** What was seen, in a few words. */
  readonly detail?: string;
  /** Why it could not be looked at here. */
  readonly skipped?: string;
}

/** What a check found about one thing. */
export interface Finding extends Verdict {
  readonly about: string;
}

/** How a finding counts. */
export type Outcome = 'passed' | 'failed' | 'skipped';

const marks: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', skipped: '–' };

/** How a finding counts: what has problems has failed, whatever else is said. */
export function outcomeOf({ problems = [], skipped }: Finding): Outcome {
  if (problems.length > 0) return 'failed';
  return skipped === undefined ? 'passed' : 'skipped';
}

/** Looks at one thing; what is thrown is a problem of it, whatever it is. */
export async function examine(about: string, look: () => Verdict | Promise<Verdict>): Promise<Finding> {
  try {
    return { about, ...(await look()) };
  } catch (error) {
    return { about, problems: [errorText(error)] };
  }
}

/** The message of an error, and those of its causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorText(error.cause)}`;
}

/** A finding as lines for people: a mark, what it is about, and what is wrong. */
export function findingLines(finding: Finding): string {
  const { about, detail, problems = [], skipped } = finding;
  const outcome = outcomeOf(finding);
  const more = outcome === 'skipped' ? `skipped, ${skipped}` : detail;
  const title = `${marks[outcome]} ${about}${more === undefined ? '' : `: ${more}`}`;
  return [title, ...problems.flatMap((problem) => problem.split('\n')).map((line) => `    ${line}`)].join('\n');
}

/**
 * Prints findings as they come, each that took a while with its seconds, and at the end how many passed.
 *
 * @returns whether nothing failed.
 */
export async function report(findings: AsyncIterable<Finding>, say: (line: string) => void = console.log) {
  const count: Record<Outcome, number> = { passed: 0, failed: 0, skipped: 0 };
  let began = systemClock.monotonic();
  for await (const finding of findings) {
    const seconds = (systemClock.monotonic() - began) / 1000;
    say(findingLines(finding) + (seconds < 1 ? '' : `  (${seconds.toFixed(0)} s)`));
    count[outcomeOf(finding)]++;
    began = systemClock.monotonic();
  }
  say(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return count.failed === 0;
}
