import type { NodeRef } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import type { HookFacts } from '../policy/end.ts';
import type { Cause, Source } from '../record/entry.ts';

/** What comes with an event. */
export interface AboutEvent {
  /** How its node is found. Default: by the event's instance. */
  readonly target?: NodeRef;
  /** The nodes that carry its instance, where they are known already. */
  readonly nodes?: readonly ClusterNode[];
  /** Who told. Default: `sqs` or `imds`, as the event's monitor says. */
  readonly source?: Source;
  /** EC2's word for when the instance was last started. */
  readonly launchedAt?: Date | undefined;
  /** Since when EC2 itself says that the instance is stopped or terminated: its node is marked as out of service, so that volumes move. */
  readonly shutDownAt?: Date | undefined;
  /** What is known of the event's lifecycle hook; what is learned later is told by `InterruptionHandler.hookChanged`. */
  readonly hook?: HookFacts | undefined;
  /**
   * Completes the event's lifecycle hook: called when the node was just seen to be empty, again until it resolves. Where several nodes
   * carry the instance it is called for the last. Default: a hook is left to its owner.
   */
  readonly complete?: (signal: AbortSignal) => Promise<void>;
  /**
   * Asks its service whether what the event tells of is still so, where there is a doubt; until the answer nothing is begun for it. Where it
   * rejects, or takes five seconds, the event is acted on. Default: nobody can be asked.
   */
  readonly stillHolds?: (doubt: Doubt, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Why an event may be over that nothing has been done for yet: the record of its node says so, which alone is not believed; or it
 * was in hand for ten seconds, because the node could not be written or the process stood still, and its instance may have returned.
 */
export type Doubt = 'over-by-record' | 'late';

/** What a source that can be listed tells of one instance, proven alive in the same look. */
export interface ListedEvents {
  readonly source: 'imds' | 'ec2';
  /** The causes that it would tell of. */
  readonly causes: ReadonlySet<Cause>;
  /** What it tells now: all of it. */
  readonly events: readonly NodeInterruption[];
}
