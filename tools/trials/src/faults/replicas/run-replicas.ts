import type { CaseResult } from '../../case.ts';
import { playAll } from '../../case.ts';
import type { PlayOptions } from '../../case.ts';
import { killSteps } from './kill-steps.ts';
import { playKillingLoop } from './killing-loop.ts';
import { playBothPrograms, playThreeReplicas } from './replica-cases.ts';
import { playStep } from './step-cases.ts';

/** How the replicas are tried. */
export interface ReplicasOptions extends PlayOptions {
  /** A shorter loop: 20 s and 30 terminations instead of three minutes and 300. */
  readonly quick: boolean;
}

/** Tries several replicas, and replicas that die at every step. */
export function runReplicas(options: ReplicasOptions): Promise<readonly CaseResult[]> {
  const loop = options.quick
    ? { seconds: 20, terminations: 30, seed: 1 }
    : { seconds: 180, terminations: 300, seed: 1 };
  const cases = [
    () => playKillingLoop(loop),
    playThreeReplicas,
    playBothPrograms,
    ...killSteps.map((step) => () => playStep(step)),
  ];
  return playAll(cases, options);
}
