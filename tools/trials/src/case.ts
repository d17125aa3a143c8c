import { systemClock } from '@node-termination-handler/clock';
import pMap from 'p-map';

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

/** A finding, and what else was violated. */
export function andAlso(finding: Finding, violations: readonly string[]): Finding {
  return { ...finding, violations: [...finding.violations, ...violations] };
}

/** What came of one case. */
export interface CaseResult extends Finding {
  /** Where it belongs: who misbehaves, or what is tried. */
  readonly group: string;
  readonly name: string;
  /** One line: what a failure would mean. */
  readonly proves?: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly skippedBecause?: string;
  readonly durationMs: number;
}

/** Something that a case needs is not on this machine; it is skipped with these words. */
export class SkipCase extends Error {
  override readonly name = 'SkipCase';
}

/** Runs a case; what it throws is a violation like another. Whether it was in time is judged by {@link judgeTime}. */
export async function runCase(
  about: Pick<CaseResult, 'group' | 'name' | 'proves'>,
  run: () => Promise<Finding>,
): Promise<CaseResult> {
  const fromMs = systemClock.monotonic();
  const end = (outcome: CaseResult['outcome'], finding: Finding): CaseResult => ({
    ...about,
    ...finding,
    outcome,
    durationMs: systemClock.monotonic() - fromMs,
  });
  try {
    const finding = await run();
    return end(finding.violations.length === 0 ? 'passed' : 'failed', finding);
  } catch (error) {
    if (error instanceof SkipCase) return { ...end('skipped', { violations: [] }), skippedBecause: error.message };
    return end('failed', { violations: [describeError(error)] });
  }
}

/** An error in words, with its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, stack, message } = error;
  return `${stack ?? message}${cause === undefined ? '' : `\ncaused by ${describeError(cause)}`}`;
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

/** How cases are played. */
export interface PlayOptions {
  /** How many at once. */
  readonly concurrency: number;
  /** By how much a bound may be exceeded; see {@link judgeTime}. Default 1. */
  readonly patience?: number;
  /** Told each result as it comes. */
  readonly onResult: (result: CaseResult) => void;
  /** Once it aborts, no further case begins. */
  readonly signal?: AbortSignal;
}

/** Something that can be played. */
export interface Case {
  readonly group: string;
  readonly name: string;
  readonly play: () => Promise<CaseResult>;
}

/** Plays cases, some at once, and judges their time; results in the order of the cases. */
export async function playAll(
  cases: readonly Case[],
  { concurrency, patience = 1, onResult, signal }: PlayOptions,
): Promise<readonly CaseResult[]> {
  const results = await pMap(
    cases,
    async ({ play }) => {
      if (signal?.aborted === true) return [];
      const result = judgeTime(await play(), patience);
      onResult(result);
      return [result];
    },
    { concurrency },
  );
  return results.flat();
}
