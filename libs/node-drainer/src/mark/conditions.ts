import { systemClock } from '@node-termination-handler/clock';
import type { KubernetesClient } from '../connection/client.ts';
import { isNotFound, KubernetesApiError } from '../connection/errors.ts';
import { wireTime } from '../connection/wire.ts';
import type { Node } from '../connection/wire.ts';
import { getNode } from '../find/find-node.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import { LIFECYCLE_CONDITIONS, OWN_REASON_PREFIX } from './marks.ts';
import type { LifecycleCondition } from './marks.ts';

/** One condition that a node is to show. */
export interface ConditionMark {
  readonly type: LifecycleCondition;
  readonly isTrue: boolean;
  /** Why, for people. Written when the status changes, and not compared: it is about that change. */
  readonly message: string;
}

const REASONS: Readonly<Record<LifecycleCondition, { readonly whenTrue: string; readonly whenFalse: string }>> = {
  MaintenancePlanned: { whenTrue: 'EventAhead', whenFalse: 'NoEventAhead' },
  MaintenanceInProgress: { whenTrue: 'Interrupted', whenFalse: 'NotInterrupted' },
  DrainInProgress: { whenTrue: 'DrainStarted', whenFalse: 'NoDrainRuns' },
  Drained: { whenTrue: 'DrainCompleted', whenFalse: 'DrainNotCompleted' },
};

/** One entry of a strategic merge of `status.conditions`, by their type. */
export type ConditionWrite =
  | {
      readonly type: LifecycleCondition;
      readonly status: 'True' | 'False';
      readonly reason: string;
      readonly message: string;
      readonly lastTransitionTime: string;
    }
  | { readonly type: LifecycleCondition; readonly $patch: 'delete' };

/** Whether a condition was written by this program. */
export function isOwnCondition({ reason }: FoundNode['conditions'][number]): boolean {
  return reason?.startsWith(OWN_REASON_PREFIX) ?? false;
}

/**
 * What is to be written so that a node shows these conditions, and of this program's no others; nothing when it does. A condition of the
 * same type that somebody else has set is left as it is. Pure.
 *
 * The API leaves it to the writer whether a state that is over reads `False` or is removed. Ours is removed: a node that is given back is
 * as it was found, and one who reads no condition knows that nobody has observed anything.
 */
export function conditionWrites(
  { conditions }: Pick<FoundNode, 'conditions'>,
  marks: readonly ConditionMark[],
  at: Date,
): readonly ConditionWrite[] {
  return LIFECYCLE_CONDITIONS.flatMap((type): ConditionWrite[] => {
    const found = conditions.find((condition) => condition.type === type);
    if (found !== undefined && !isOwnCondition(found)) return [];
    const mark = marks.find((one) => one.type === type);
    if (mark === undefined) return found === undefined ? [] : [{ type, $patch: 'delete' }];
    const status = mark.isTrue ? 'True' : 'False';
    if (found?.status === status) return [];
    const { whenTrue, whenFalse } = REASONS[type];
    const reason = `${OWN_REASON_PREFIX}${mark.isTrue ? whenTrue : whenFalse}`;
    return [{ type, status, reason, message: mark.message, lastTransitionTime: wireTime(at.getTime()) }];
  });
}

/** A server that accepts and stays silent costs this much, in milliseconds. */
const PATCH_TIMEOUT_MS = 10_000;
/** How often a node may change between the look and the patch. */
const TRIES = 5;

/**
 * Brings the conditions of a node to what is wanted, in one patch of its status; where they are so already, none is sent. It is a strategic
 * merge by type, which leaves the kubelet's conditions alone as the kubelet's own leaves these, and applies to the node as it is known or
 * not at all: where somebody was quicker, the node is read again.
 *
 * Needs the right to `patch` `nodes/status`.
 *
 * @returns The node as it is then; `undefined` when it is gone, or another has taken its name.
 * @throws {@link KubernetesApiError} when the server refuses.
 * @throws {@link KubernetesConnectionError} when no answer came in time.
 */
export async function showConditions(
  client: KubernetesClient,
  node: FoundNode,
  marks: readonly ConditionMark[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<FoundNode | undefined> {
  const { name, uid } = node;
  let known = node;
  for (let tries = 1; ; tries += 1) {
    const conditions = conditionWrites(known, marks, new Date(systemClock.now()));
    if (conditions.length === 0) return known;
    try {
      const after = await client.request<Node>({
        verb: 'patch',
        resource: 'nodes',
        subresource: 'status',
        name,
        patchType: 'strategic',
        body: { metadata: { uid, resourceVersion: known.resourceVersion }, status: { conditions } },
        deadlineMs: PATCH_TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      });
      return toFoundNode(after);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      const isConflict = error instanceof KubernetesApiError && error.status === 409 && error.refusedBy === undefined;
      if (!isConflict || tries === TRIES) throw error;
      const read = await getNode(client, name, signal);
      if (read?.uid !== uid) return undefined;
      known = read;
    }
  }
}
