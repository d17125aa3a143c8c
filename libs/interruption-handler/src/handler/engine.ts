import { retry, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { inspect } from 'node:util';
import PQueue from 'p-queue';
import type { ClaimRecord } from '../claim.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { DEFAULT_POLICY } from '../policy/decide.ts';
import type { Policy } from '../policy/decide.ts';
import { CordonFirst } from './cordon-first.ts';
import type { CordonFirstOptions } from './cordon-first.ts';
import { NodeWorks } from './node-work.ts';
import { ProgressFeed } from './progress.ts';

/** How an interruption handler works. */
export interface InterruptionHandlerOptions {
  /** What each kind of event leads to; fields left out have the values of `DEFAULT_POLICY`. */
  readonly policy?: Partial<Policy>;
  /**
   * Names this process in the claims that keep replicas from draining one node twice, as a rule its pod's name.
   * Without it nothing is written about claims, and only this process' own events are kept apart.
   */
  readonly holder?: string;
  /** How long a claim holds without being renewed, in milliseconds. Default 20 000. */
  readonly claimTtlMs?: number;
  /** How many nodes are drained at the same time; cordons are never held up by it. Default 100. */
  readonly concurrentDrains?: number;
  /** How drains wait for a burst of cordons. */
  readonly cordonFirst?: CordonFirstOptions;
  /** Put `node.kubernetes.io/out-of-service` on drained nodes. Default `false`; has no effect on cordons. */
  readonly outOfServiceTaint?: boolean;
  /** Nothing is written: the cluster given is one that only looks. Steps are told as such. Default `false`. */
  readonly dryRun?: boolean;
  /** How many handled events are remembered, to know a second delivery. Default 10 000. */
  readonly rememberedEvents?: number;
  /** Where all time comes from; tests hand in a virtual one. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** What {@link InterruptionHandlerOptions} leaves out. */
export const DEFAULT_HANDLER_OPTIONS = {
  claimTtlMs: 20_000,
  concurrentDrains: 100,
  outOfServiceTaint: false,
  dryRun: false,
  rememberedEvents: 10_000,
} as const;

/** What the steps of handling an event share. */
export interface Engine {
  readonly cluster: Cluster;
  readonly policy: Policy;
  readonly works: NodeWorks;
  readonly cordonFirst: CordonFirst;
  /** Bounds how many nodes are drained at once, earliest deadline first. */
  readonly drains: PQueue;
  readonly feed: ProgressFeed;
  readonly clock: Clock;
  /** The wall clock. */
  readonly now: () => Date;
  readonly holder: string | undefined;
  readonly claimTtlMs: number;
  readonly outOfServiceTaint: boolean;
  readonly dryRun: boolean;
  readonly rememberedEvents: number;
}

/** Makes what one handler's steps share. */
export function createEngine(cluster: Cluster, options: InterruptionHandlerOptions): Engine {
  const { clock = systemClock, holder, policy, cordonFirst, concurrentDrains, ...rest } = options;
  const now = (): Date => new Date(clock.now());
  return {
    ...DEFAULT_HANDLER_OPTIONS,
    ...rest,
    cluster,
    policy: { ...DEFAULT_POLICY, ...policy },
    works: new NodeWorks(cluster),
    cordonFirst: new CordonFirst(clock, cordonFirst),
    drains: new PQueue({ concurrency: concurrentDrains ?? DEFAULT_HANDLER_OPTIONS.concurrentDrains }),
    feed: new ProgressFeed(now),
    clock,
    now,
    holder,
  };
}

/** How long to wait before looking again at a node that another process works on, in milliseconds. */
export const LOOK_AGAIN_MS = 500;

/** The claim this process writes on a node it works on; none where claims are off. */
export function ownClaim(engine: Engine, state: ClaimRecord['state'], ttlMs: number): ClaimRecord | undefined {
  if (engine.holder === undefined) return undefined;
  return { holder: engine.holder, state, until: new Date(engine.clock.now() + ttlMs) };
}

/**
 * Tries until it works, the deadline has passed or the signal aborts, with growing, jittered pauses.
 *
 * @param onFailure - Told each new trouble that another try follows, once and not at every try; the last failure is thrown.
 * @throws the last failure, at once where it is a fault of this program, which another try would meet again; the signal's reason.
 */
export function retryUntil<T>(
  deadline: Date,
  signal: AbortSignal,
  { clock }: Engine,
  attempt: () => Promise<T>,
  onFailure: (reason: string) => void,
): Promise<T> {
  let told: string | undefined;
  const onRetry = (error: unknown): void => {
    const reason = messageOf(error);
    if (reason !== told) onFailure(reason);
    told = reason;
  };
  const giveUpAfterMs = Math.max(0, deadline.getTime() - clock.now());
  const isWorthRetrying = (error: unknown): boolean => !(error instanceof TypeError);
  return retry(
    { clock, backoff: { firstMs: 100, maxMs: 5_000 }, giveUpAfterMs, signal, onRetry, isWorthRetrying },
    attempt,
  );
}

/** Says in one text what went wrong. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
