/** What came of one case. */
export interface CaseResult {
  /** Where it belongs: who misbehaves, or what is tried. */
  readonly group: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  /** From the end of the fault until all was done, in seconds; 0 when it was done before. */
  readonly recoverySeconds?: number;
  readonly boundSeconds?: number;
  /** What was measured, in words. */
  readonly measured?: string;
  /** Everything that must never happen and did. */
  readonly violations: readonly string[];
  readonly durationMs: number;
  /** Last log lines of the programs, of a failure. */
  readonly details?: string;
}

/** What a case found out, before it is judged. */
export interface Finding {
  readonly recoverySeconds?: number;
  readonly boundSeconds?: number;
  readonly measured?: string;
  readonly violations: readonly string[];
  readonly details?: string;
}

/** Runs a case; what it throws is a violation like another. */
export async function runCase(group: string, name: string, run: () => Promise<Finding>): Promise<CaseResult> {
  const from = performance.now();
  const finding = await run().catch((error: unknown): Finding => ({
    violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  const { recoverySeconds = 0, boundSeconds = Infinity, violations } = finding;
  const isLate = recoverySeconds > boundSeconds;
  const late = `took ${recoverySeconds.toFixed(1)} s to recover, and may take ${boundSeconds} s`;
  const all = isLate ? [...violations, late] : violations;
  return {
    group,
    name,
    ...finding,
    violations: all,
    outcome: all.length === 0 ? 'passed' : 'failed',
    durationMs: performance.now() - from,
  };
}
