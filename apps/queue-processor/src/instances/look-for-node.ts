import { sleep } from '@node-termination-handler/clock';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';
import type { Place } from '../queue/waiting.ts';
import { findInstance } from './find-instance.ts';
import type { InstanceSources } from './find-instance.ts';
import type { InstanceVerdict, ManagedRule } from './judge-instance.ts';

/** Pauses before a node is looked for again, in milliseconds; the last one goes on. */
const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000];

/** From this pause on those who wait look at the same moments, which are so far apart, in milliseconds: they share their questions. */
const TOGETHER_MS = 10_000;

/** For so long a node is looked for with the message in hand, in milliseconds: an instance that has not become one by then becomes none. */
const LOOKED_FOR_MS = 15 * 60_000;

/** What looking for a node needs. */
export interface LookParts extends InstanceSources {
  readonly place: Pick<Place, 'wait'>;
  /** Told, before the wait begins, why there is nothing to act on yet. */
  readonly onWait: (reason: string) => void;
  /** When the message was first put on the queue, if it has been delivered before: what was looked for already is looked for once more. */
  readonly lookedForSince?: Date | undefined;
}

/** What became of the look for a node. */
export type NodeLook =
  | InstanceVerdict
  | {
      readonly status: 'left';
      /** Whether nobody could tell to the last; else there is no such node. */
      readonly isUnknown: boolean;
      readonly reason: string;
    };

/**
 * Finds out whose the instance of an event is, and which nodes it is, and looks again for a quarter of an hour where that cannot be told:
 * the message stays in hand meanwhile, as every further delivery would count towards the dead-letter queue.
 *
 * @param decides - Whether a verdict can be acted on.
 * @throws the signal's reason, and what ends the wait.
 */
export async function lookForNode(
  event: Pick<InterruptionEvent, 'kind' | 'instanceId'>,
  rule: ManagedRule,
  parts: LookParts,
  decides: (verdict: InstanceVerdict) => boolean,
): Promise<NodeLook> {
  const { clock, place, lookedForSince, onWait } = parts;
  const look = async (signal: AbortSignal): Promise<InstanceVerdict> => {
    try {
      return await findInstance(event, rule, { ...parts, signal });
    } catch (error) {
      signal.throwIfAborted();
      return { status: 'unknown', reason: errorText(error) };
    }
  };
  const verdict = await look(parts.signal);
  if (decides(verdict)) return verdict;
  const left = (last: InstanceVerdict): NodeLook => {
    return { status: 'left', isUnknown: last.status === 'unknown', reason: 'reason' in last ? last.reason : '' };
  };
  if (lookedForSince !== undefined && clock.now() - lookedForSince.getTime() > LOOKED_FOR_MS) return left(verdict);
  onWait('reason' in verdict ? verdict.reason : '');
  return await place.wait(parts.signal, async (signal) => {
    const untilMs = clock.monotonic() + LOOKED_FOR_MS;
    let last = verdict;
    for (let round = 0; clock.monotonic() < untilMs; round += 1) {
      const pauseMs = PAUSES_MS[round] ?? TOGETHER_MS * 6;
      await sleep(clock, pauseMs < TOGETHER_MS ? pauseMs : untilShared(clock.monotonic(), pauseMs), signal);
      last = await look(signal);
      if (decides(last)) return last;
    }
    return left(last);
  });
}

/** How long it is from now to the shared moment that follows a pause. */
function untilShared(nowMs: number, pauseMs: number): number {
  return Math.ceil((nowMs + pauseMs) / TOGETHER_MS) * TOGETHER_MS - nowMs;
}
