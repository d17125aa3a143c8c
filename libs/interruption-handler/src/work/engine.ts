import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { DEFAULT_POLICY } from '../policy/decide.ts';
import type { Policy } from '../policy/decide.ts';
import { DEFAULT_MARK_POLICY } from '../policy/notice.ts';
import type { MarkPolicy } from '../policy/notice.ts';
import { incarnation, NO_BEATS } from '../record/claims.ts';
import type { Beats, HolderName, Self } from '../record/claims.ts';
import { CordonFirst } from './cordon-first.ts';
import type { CordonFirstOptions } from './cordon-first.ts';
import { NewestOf } from './newest-of.ts';
import { Places } from './places.ts';
import { ProgressFeed } from './progress.ts';

/** Where a process sees who else of its release lives, and shows that it does itself; see `watchBeats`. */
export interface SeenBeats {
  readonly beats: Beats;
  /** From now on this process holds claims, or none. */
  hold(holds: boolean): void;
  /** Calls the listener whenever something else is seen. */
  onChange(listener: () => void): Disposable;
}

/** What came of a claim: taken where the node was free, or over from another; lost to another; or another was quicker. */
export type ClaimResult = 'taken' | 'taken-over' | 'lost' | 'refused';

/** How an interruption handler works. */
export interface InterruptionHandlerOptions {
  /** What each kind of event leads to; fields left out have the values of `DEFAULT_POLICY`. */
  readonly policy?: Partial<Policy>;
  /** Which marks nodes carry beside the cordon; fields left out have the values of `DEFAULT_MARK_POLICY`. */
  readonly marks?: Partial<MarkPolicy>;
  /**
   * Names this process in the claims that keep replicas from draining one node twice: its pod, and the Lease in which its release
   * beats. Without it nothing is written about claims.
   */
  readonly holder?: { readonly name: HolderName; readonly lease?: string } | undefined;
  /** Makes where the beats of that Lease are seen. Default: nobody's are. */
  readonly beats?: ((self: Self) => SeenBeats) | undefined;
  /**
   * How many drains send requests at the same time; one whose pods were all asked to go counts no more, and one whose instance goes within
   * ten minutes never waits. Cordons are never held up by it. Default 100.
   */
  readonly concurrentDrains?: number;
  /** How drains wait for a burst of cordons. */
  readonly cordonFirst?: CordonFirstOptions;
  /** How long after its node was found empty a hook is completed, in milliseconds; the node is looked at again before. Default 0. */
  readonly completionDelayMs?: number;
  /** Told what comes of each claim on a node. Default: nobody is. */
  readonly onClaim?: ((result: ClaimResult) => void) | undefined;
  /** When the host of the nodes has booted, where this process knows it: it runs there. Default: a boot is as old as its sighting. */
  readonly bootedAt?: () => Date;
  /** Nothing is written: the cluster given is one that only looks. Default `false`. */
  readonly dryRun?: boolean;
  /** Where all time comes from; tests hand in a virtual one. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** What {@link InterruptionHandlerOptions} leaves out. */
export const DEFAULT_HANDLER_OPTIONS = { concurrentDrains: 100, completionDelayMs: 0, dryRun: false } as const;

/** What the works on all nodes share. */
export interface Engine {
  readonly cluster: Cluster;
  readonly policy: Policy;
  /** The policy's grace for a node, in milliseconds. */
  readonly graceMs: number;
  readonly marks: MarkPolicy;
  readonly cordonFirst: CordonFirst;
  readonly places: Places;
  readonly feed: ProgressFeed;
  readonly clock: Clock;
  readonly self: Self | undefined;
  readonly beats: SeenBeats;
  readonly onClaim: (result: ClaimResult) => void;
  readonly bootedAt: () => Date | undefined;
  readonly completionDelayMs: number;
  readonly dryRun: boolean;
  /** Which interruptions this process saw end itself, by the uid of the node and their key. */
  readonly seenToEnd: NewestOf<true>;
}

/** Makes what the works on all nodes share. */
export function createEngine(cluster: Cluster, options: InterruptionHandlerOptions): Engine {
  const {
    clock = systemClock,
    holder,
    policy,
    marks,
    cordonFirst,
    concurrentDrains,
    beats,
    onClaim,
    ...rest
  } = options;
  const now = (): Date => new Date(clock.now());
  const full = { ...DEFAULT_POLICY, ...policy };
  const self: Self | undefined =
    holder === undefined
      ? undefined
      : {
          holder: holder.name,
          incarnation: incarnation(randomUUID()),
          ...(holder.lease === undefined ? {} : { lease: holder.lease }),
        };
  return {
    ...DEFAULT_HANDLER_OPTIONS,
    bootedAt: () => undefined,
    ...rest,
    cluster,
    policy: full,
    graceMs: full.nodeTerminationGracePeriodSeconds * 1000,
    marks: { ...DEFAULT_MARK_POLICY, ...marks },
    cordonFirst: new CordonFirst(clock, cordonFirst),
    places: new Places(clock, concurrentDrains ?? DEFAULT_HANDLER_OPTIONS.concurrentDrains),
    feed: new ProgressFeed(now),
    clock,
    self,
    onClaim: onClaim ?? (() => undefined),
    seenToEnd: new NewestOf(),
    beats: (self === undefined ? undefined : beats?.(self)) ?? NOBODY_SEEN,
  };
}

const NOBODY_SEEN: SeenBeats = {
  beats: NO_BEATS,
  hold: () => undefined,
  onChange: () => ({ [Symbol.dispose]: () => undefined }),
};

/** Says in one text what went wrong. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
