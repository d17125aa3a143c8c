import type { CordonFirstOptions } from '../claim/cordon-first.ts';
import type { Policy } from '../policy/decide.ts';

/** How an interruption handler works. */
export interface InterruptionHandlerOptions {
  /** What each kind of event leads to; fields left out have the values of `DEFAULT_POLICY`. */
  readonly policy?: Partial<Policy>;
  /**
   * Names this process in the claims that keep replicas from draining one node twice, as a rule its pod's name.
   * Without it nothing is written about claims, and only this process' own events are kept apart.
   */
  readonly holder?: string;
  /** How long a claim is believed without being renewed, in milliseconds. Default 20 000. */
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
  /** The clock; tests hand in their own. */
  readonly now?: () => Date;
}

/** What {@link InterruptionHandlerOptions} leaves out. */
export const DEFAULT_HANDLER_OPTIONS = {
  claimTtlMs: 20_000,
  concurrentDrains: 100,
  outOfServiceTaint: false,
  dryRun: false,
  rememberedEvents: 10_000,
} as const;
