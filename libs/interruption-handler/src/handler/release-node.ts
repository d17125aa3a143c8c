import { judgeClaim, readClaim } from '../claim/claim-record.ts';
import type { NodeInterruption } from '../kinds.ts';
import { retryUntil } from './engine.ts';
import type { Engine } from './engine.ts';
import type { NodeWork } from './node-work.ts';
import { pause } from './pause.ts';

/** How long an uncordon is tried, in milliseconds. */
const RESTORE_FOR_MS = 60_000;

/** How long to wait before looking again at a node that another process works on, in milliseconds. */
const LOOK_AGAIN_MS = 500;

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
  const until = new Date(engine.now().getTime() + RESTORE_FOR_MS);
  let node = work.node;
  try {
    // Marks that this process has not made are another's, whose work must end before anything is taken back.
    if (!work.hasMarked && !(await endOfOthersWork(engine, work, until, signal))) return;
    node = work.node;
    if (!work.hasMarked && !work.cordonedByUs) return;
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

/** Waits until no other process works on the node; `false` when that takes too long, or the node is gone. */
async function endOfOthersWork(engine: Engine, work: NodeWork, until: Date, signal: AbortSignal): Promise<boolean> {
  while (engine.now() < until) {
    const node = await engine.cluster.find({ name: work.node.name }, signal);
    if (node === undefined) return false;
    work.seen(node);
    if (judgeClaim(readClaim(node.annotations), engine.holder ?? '', engine.now()) !== 'held') return true;
    await pause(LOOK_AGAIN_MS, signal);
  }
  return false;
}
