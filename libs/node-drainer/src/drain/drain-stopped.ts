import type { DrainFailure } from './progress.ts';

/** Ends a drain from within: the reason with which its signal aborts. */
export class DrainStopped extends Error {
  override readonly name = 'DrainStopped';
  readonly reason: DrainFailure | 'cancelled';

  constructor(reason: DrainFailure | 'cancelled', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
