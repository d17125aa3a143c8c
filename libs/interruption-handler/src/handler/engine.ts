import type PQueue from 'p-queue';
import pRetry from 'p-retry';
import type { CordonFirst } from '../claim/cordon-first.ts';
import type { ClaimRecord } from '../claim/claim-record.ts';
import type { Policy } from '../policy/decide.ts';
import type { Cluster } from './cluster.ts';
import type { NodeWorks } from './node-works.ts';
import type { ProgressFeed } from './progress-feed.ts';

/** What the steps of handling an event share. */
export interface Engine {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly works: NodeWorks;
  readonly cordonFirst: CordonFirst;
  /** Bounds how many nodes are drained at once, earliest deadline first. */
  readonly drains: PQueue;
  readonly feed: ProgressFeed;
  readonly now: () => Date;
  readonly holder: string | undefined;
  readonly claimTtlMs: number;
  readonly outOfServiceTaint: boolean;
  readonly dryRun: boolean;
}

/** The claim this process writes on a node it works on; none where claims are off. */
export function ownClaim(engine: Engine, state: ClaimRecord['state'], ttlMs: number): ClaimRecord | undefined {
  if (engine.holder === undefined) return undefined;
  return { holder: engine.holder, state, until: new Date(engine.now().getTime() + ttlMs) };
}

/**
 * Tries until it works, the deadline has passed or the signal aborts, with growing, jittered pauses.
 *
 * @throws the last failure, or the signal's reason.
 */
export async function retryUntil<T>(
  deadline: Date,
  signal: AbortSignal,
  engine: Engine,
  attempt: () => Promise<T>,
  onFailure: (reason: string) => void,
): Promise<T> {
  let told = '';
  return pRetry(attempt, {
    retries: Infinity,
    minTimeout: 100,
    maxTimeout: 5_000,
    randomize: true,
    maxRetryTime: Math.max(0, deadline.getTime() - engine.now().getTime()),
    signal,
    onFailedAttempt: ({ error }) => {
      // The same trouble is said once, not at every try.
      if (error.message === told) return;
      told = error.message;
      onFailure(told);
    },
  });
}
