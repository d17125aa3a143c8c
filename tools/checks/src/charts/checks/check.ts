import type { ChartCase } from '../chart/cases.ts';
import type { Tools } from '../tool/tools.ts';

/** What a check finds to look at. */
export interface CheckContext {
  readonly cases: readonly ChartCase[];
  readonly refused: readonly ChartCase[];
  /** The programs that judge, and what Helm makes of each case; undefined without Go. */
  readonly real: RealContext | undefined;
}

/** What there is once Helm and the others are built. */
export interface RealContext {
  readonly tools: Tools;
  readonly rendered: ReadonlyMap<ChartCase, string>;
}

/** One thing that has to be so; it returns what it looked at, in a few words. */
export type Check =
  | { readonly name: string; readonly needsGo: false; run(context: CheckContext): Promise<string> }
  | { readonly name: string; readonly needsGo: true; run(real: RealContext, context: CheckContext): Promise<string> };

/** Something is not as it has to be; the message says what, and how to mend it. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/** How a check ended. */
export interface CheckResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly seconds: number;
}

/** Runs one check. What is thrown is a failure, whatever it is. */
export async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  const startedAt = performance.now();
  const end = (status: CheckResult['status'], detail: string): CheckResult => ({
    name: check.name,
    status,
    detail,
    seconds: (performance.now() - startedAt) / 1000,
  });
  try {
    if (!check.needsGo) return end('passed', await check.run(context));
    if (context.real === undefined) return end('skipped', 'needs Go, to build the program that judges');
    return end('passed', await check.run(context.real, context));
  } catch (error) {
    return end('failed', error instanceof Error ? error.message : String(error));
  }
}
