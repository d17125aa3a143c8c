/** What a check found about one thing. */
export interface Finding {
  /** The check, where there are several about one thing. */
  readonly check?: string;
  readonly about: string;
  /** What is wrong, a line each; empty when all is well. */
  readonly problems: readonly string[];
  /** Why it could not be checked here. */
  readonly skipped?: string;
}

/** The findings as lines for people: a mark, the check, what it is about, and what is wrong. */
export function findingLines(findings: readonly Finding[]): string {
  return findings.flatMap(linesOf).join('\n');
}

function linesOf({ check, about, problems, skipped }: Finding): readonly string[] {
  const title = check === undefined ? about : `${check}: ${about}`;
  if (skipped !== undefined) return [`– ${title}: skipped, ${skipped}`];
  return [`${problems.length === 0 ? '✓' : '✗'} ${title}`, ...problems.map((problem) => `    ${problem}`)];
}
