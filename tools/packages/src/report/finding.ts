/** What a check found about one library, or about all. */
export interface Finding {
  readonly check: string;
  readonly about: string;
  /** What is wrong, a line each; empty when all is well. */
  readonly problems: readonly string[];
}

/** The findings as lines for people: a mark, the check, what it is about, and what is wrong. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ check, about, problems }) => [
      `${problems.length === 0 ? '✓' : '✗'} ${check}: ${about}`,
      ...problems.map((problem) => `    ${problem}`),
    ])
    .join('\n');
}
