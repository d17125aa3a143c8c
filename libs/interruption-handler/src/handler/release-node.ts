import { sleep } from '@node-termination-handler/clock';
import { judgeClaim, readClaim } from '../claim.ts';
import type { NodeInterruption } from '../kinds.ts';
import { LOOK_AGAIN_MS, messageOf, retryUntil } from './engine.ts';
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
  const { clock, feed } = engine;
  const until = new Date(clock.now() + RESTORE_FOR_MS);
  let { node } = work;
  const tellFailed = (failure: string): void => feed.tell({ type: 'uncordon-failed', reason: failure, event, node });
  try {
    // Marks that this process has not made are another's, whose work must end before anything is taken back.
    if (!work.hasMarked && !(await endOfOthersWork(engine, work, until, signal))) return;
    node = work.node;
    if (!work.hasMarked && !work.cordonedByUs) return;
    const uncordoned = work.cordonedByUs;
    const end = await retryUntil(until, signal, engine, () => work.restore(signal), tellFailed);
    if (uncordoned && end === 'restored') feed.tell({ type: 'uncordoned', reason, event, node });
  } catch (error) {
    tellFailed(messageOf(error));
  }
}

/** Waits until no other process works on the node; `false` when that takes too long, or the node is gone. */
async function endOfOthersWork(
  { cluster, clock, now, holder = '' }: Engine,
  work: NodeWork,
  until: Date,
  signal: AbortSignal,
): Promise<boolean> {
  while (now() < until) {
    const node = await cluster.find({ name: work.node.name }, signal);
    if (node === undefined) return false;
    work.seen(node);
    if (judgeClaim(readClaim(node.annotations), holder, now()) !== 'held') return true;
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
  return false;
}
