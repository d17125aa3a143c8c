/** What a check found. */
export interface Finding {
  readonly about: string;
  /** What is wrong, a line each; empty when all is well. */
  readonly problems: readonly string[];
  /** Why it could not be checked here. */
  readonly skipped?: string;
}

/** A finding as lines for people. */
export function findingLines({ about, problems, skipped }: Finding): string {
  if (skipped !== undefined) return `– ${about}: skipped, ${skipped}`;
  return [`${problems.length === 0 ? '✓' : '✗'} ${about}`, ...problems.map((problem) => `    ${problem}`)].join('\n');
}
