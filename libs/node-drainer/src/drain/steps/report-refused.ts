import { DrainStopped } from '../drain-stopped.ts';
import type { DrainStep } from './step.ts';

/** A node with pods that could not be evicted is not drained, though all others are gone. */
export const reportRefused: DrainStep = {
  name: 'report-refused',
  run(run) {
    const refused = run.pods.pods();
    if (refused.length === 0) return Promise.resolve('go-on');
    const reasons = new Set(refused.map(({ message }) => message));
    return Promise.reject(
      new DrainStopped('refused', `${refused.length} pods can't be evicted: ${[...reasons].join('; ')}`),
    );
  },
};
