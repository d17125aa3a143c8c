/** What a case found out, before its time is judged. */
export interface Finding {
  /** From the end of the fault until all was done, in seconds; 0 when it was done before. */
  readonly recoverySeconds?: number;
  readonly boundSeconds?: number;
  /** What was measured, in words. */
  readonly measured?: string;
  /** Everything that must never happen and did. */
  readonly violations: readonly string[];
  /** Last log lines of the programs, of a failure. */
  readonly details?: string;
}

/** What came of one case. */
export interface CaseResult extends Finding {
  /** Where it belongs: who misbehaves, or what is tried. */
  readonly group: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  readonly durationMs: number;
}

/** Runs a case; what it throws is a violation like another. Whether it was in time is judged by {@link judgeTime}. */
export async function runCase(group: string, name: string, run: () => Promise<Finding>): Promise<CaseResult> {
  const from = performance.now();
  const finding = await run().catch((error: unknown): Finding => ({
    violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  return {
    group,
    name,
    ...finding,
    outcome: finding.violations.length === 0 ? 'passed' : 'failed',
    durationMs: performance.now() - from,
  };
}

/**
 * Fails a case that recovered too late.
 *
 * @param patience by how much a bound may be exceeded: 1 where the machine has nothing else to do
 */
export function judgeTime(result: CaseResult, patience: number): CaseResult {
  const { recoverySeconds = 0, boundSeconds = Infinity } = result;
  const mayTake = boundSeconds * patience;
  if (recoverySeconds <= mayTake) return result;
  const late = `took ${recoverySeconds.toFixed(1)} s to recover, and may take ${mayTake} s`;
  return { ...result, outcome: 'failed', violations: [...result.violations, late] };
}
