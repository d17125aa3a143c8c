import type { DrainRun } from '../drain-run.ts';
import type { PodWatch } from '../pods/pod-watch.ts';

/** One part of a drain. Steps run in the order of the list in `steps.ts`, over one state, under one deadline. */
export interface DrainStep {
  readonly name: string;
  /**
   * Resolves with whether the drain goes on.
   *
   * @throws DrainStopped, or the run's signal's reason.
   */
  run(run: DrainRun, watch: PodWatch): Promise<'go-on' | 'end'>;
}
