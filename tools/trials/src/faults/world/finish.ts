import { systemClock } from '@node-termination-handler/clock';
import type { Program } from '../../program.ts';
import type { Allowance } from '../invariants/allowance.ts';
import { silence } from '../invariants/silence.ts';
import { violations } from '../invariants/violations.ts';
import type { Finding } from '../../case.ts';
import { details } from './details.ts';
import { unsettled } from './settled.ts';
import { waitUntil } from '../../wait.ts';
import type { World } from './world.ts';

/** How a case of faults ends. */
export interface FinishOptions {
  /** When the last fault ended, by `systemClock.monotonic()`. */
  readonly endedAt: number;
  readonly boundSeconds: number;
  readonly allowance?: Allowance;
  /** Programs that are still at work and must end well. Default: all that run. */
  readonly running?: readonly Program[];
}

/** The longest that a program may take to stop when nothing is under way, in ms. */
const STOP_MS = 40_000;

/** Waits until all is done, stops the programs, and judges what the sandbox saw. */
export async function finish(world: World, options: FinishOptions): Promise<Finding> {
  const { endedAt, boundSeconds, allowance = {} } = options;
  const settled = await waitUntil(() => unsettled(world).length === 0, boundSeconds * 2000 + 20_000);
  const recoverySeconds = Math.max(0, (systemClock.monotonic() - endedAt) / 1000);
  const missing = settled ? [] : unsettled(world).map((what) => `not settled: ${what}`);
  // People are told a moment after the deed.
  await waitUntil(() => silence(world, allowance).length === 0, 5000);
  const running = options.running ?? world.programs.filter((program) => program.isRunning);
  const crashed = world.programs
    .filter((one) => options.running === undefined && !one.isRunning)
    .map((program) => `${program.name} ended by itself`);
  const ends = await Promise.all(running.map((one) => stopped(one)));
  const found = [...missing, ...crashed, ...ends.flat(), ...violations(world, allowance)];
  return { recoverySeconds, boundSeconds, violations: found, ...(found.length > 0 && { details: details(world) }) };
}

async function stopped(program: Program): Promise<readonly string[]> {
  if (!program.isRunning) return [`${program.name} ended by itself`];
  const code = await program.stop(STOP_MS);
  if (program.ended === 'signal SIGKILL') return [`${program.name} did not stop within ${STOP_MS / 1000} s`];
  return code === 0 ? [] : [`${program.name} ended with code ${code ?? 'none'} when it was told to stop`];
}
