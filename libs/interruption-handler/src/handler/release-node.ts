import type { NodeInterruption } from '../policy/node-interruption.ts';
import { retryUntil } from './engine.ts';
import type { Engine } from './engine.ts';
import type { NodeWork } from './node-work.ts';

/** How long an uncordon is tried, in milliseconds. */
const RESTORE_FOR_MS = 60_000;

/**
 * Ends an event's hold on a node; when no other event holds it, takes back what was done to it.
 *
 * A node that somebody else had cordoned stays cordoned: only this program's own marks go.
 */
export async function releaseNode(
  engine: Engine,
  event: NodeInterruption,
  work: NodeWork,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  if (work.drop(event.id) !== 'free') return;
  const node = work.node;
  const until = new Date(engine.now().getTime() + RESTORE_FOR_MS);
  try {
    const uncordoned = work.cordonedByUs;
    await retryUntil(
      until,
      signal,
      engine,
      () => work.restore(signal),
      (failure) => engine.feed.tell({ type: 'uncordon-failed', reason: failure, event, node }),
    );
    if (uncordoned) engine.feed.tell({ type: 'uncordoned', reason, event, node });
  } catch (error) {
    engine.feed.tell({
      type: 'uncordon-failed',
      reason: error instanceof Error ? error.message : String(error),
      event,
      node,
    });
  }
}
