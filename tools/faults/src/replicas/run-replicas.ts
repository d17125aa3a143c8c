import pMap from 'p-map';
import type { CaseResult } from '../report/case-result.ts';
import { killSteps } from './kill-steps.ts';
import { playKillingLoop } from './killing-loop.ts';
import { playBothPrograms, playThreeReplicas } from './replica-cases.ts';
import { playStep } from './step-cases.ts';

/** How the replicas are tried. */
export interface ReplicasOptions {
  readonly concurrency: number;
  /** A shorter loop: 20 s and 30 terminations instead of three minutes and 300. */
  readonly quick: boolean;
  readonly onResult: (result: CaseResult) => void;
}

/** Tries several replicas, and replicas that die at every step. */
export async function runReplicas({ concurrency, quick, onResult }: ReplicasOptions): Promise<readonly CaseResult[]> {
  const loop = quick ? { seconds: 20, terminations: 30, seed: 1 } : { seconds: 180, terminations: 300, seed: 1 };
  const cases = [
    () => playKillingLoop(loop),
    playThreeReplicas,
    playBothPrograms,
    ...killSteps.map((step) => () => playStep(step)),
  ];
  return pMap(
    cases,
    async (play) => {
      const result = await play();
      onResult(result);
      return result;
    },
    { concurrency },
  );
}
