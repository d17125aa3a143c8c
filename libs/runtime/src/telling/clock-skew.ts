import { CorrectedClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { Logger } from '@node-termination-handler/logger';
import { createLastingFailure } from './lasting-failure.ts';

/** Clocks that a time service keeps differ by less, in milliseconds. */
const SKEW_MS = 5_000;

/** Creates AWS's clock, as far as AWS's answers tell it. The log says while the machine's own is another. */
export function createAwsClock(own: Clock, log: Logger): CorrectedClock {
  const failing = 'the clock of this machine is wrong, and AWS’s is used in its place';
  const over = 'the clock of this machine is right again';
  const advice = 'look at the time service of the node (chrony with 169.254.169.123)';
  const skew = createLastingFailure({ log, clock: own, failing, over, advice });
  return new CorrectedClock(own, (aheadMs) => {
    if (Math.abs(aheadMs) < SKEW_MS) {
      skew.succeeded();
      return;
    }
    skew.failed(new Error(`it is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'behind' : 'ahead'}`));
  });
}
