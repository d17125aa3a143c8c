import type { TakeOut } from '../policy/decide.ts';
import type { NodeInterruption } from '../kinds.ts';
import { ownClaim } from './engine.ts';
import type { Engine } from './engine.ts';
import type { BeginDrain, DrainEnd, NodeWork } from './node-work.ts';
import { untilAborted } from './pause.ts';
import type { HandlingResult } from './result.ts';

/** How long a finished drain is remembered on the node for the events that come to other replicas, in milliseconds. */
const DRAINED_TTL_MS = 5 * 60_000;

/** Drains a node that has been taken, or joins the drain that another event began. */
export async function drainTaken(
  engine: Engine,
  event: NodeInterruption,
  decision: TakeOut,
  work: NodeWork,
  signal: AbortSignal,
): Promise<HandlingResult> {
  await engine.cordonFirst.quiet(signal);
  const joined = work.joinDrain(
    event.id,
    decision.deadline,
    (progress) => engine.feed.tell({ type: 'draining', progress, event, node: work.node }),
    beginDrain(engine, work),
  );
  const node = work.node;
  if (joined.began) engine.feed.tell({ type: 'drain-began', deadline: joined.deadline.at, event, node });
  else engine.feed.tell({ type: 'attached', deadline: joined.deadline.at, tightened: joined.tightened, event, node });

  const end = await untilAborted(joined.end, signal);
  if (end.outcome === 'drained') {
    const secondsLeft = (end.deadline.getTime() - engine.now().getTime()) / 1000;
    engine.feed.tell({
      type: 'drained',
      podsEvicted: end.podsEvicted,
      pods: end.pods,
      secondsLeft,
      durationMs: end.durationMs,
      dryRun: engine.dryRun,
      event,
      node,
    });
    return { status: 'done', action: 'drain', nodeName: node.name, podsEvicted: end.podsEvicted };
  }
  const reason = end.reason === '' ? 'the drain was stopped' : end.reason;
  engine.feed.tell({
    type: 'drain-failed',
    reason,
    pods: end.pods,
    podsLeft: end.podsLeft,
    durationMs: end.durationMs,
    event,
    node,
  });
  return { status: 'failed', reason, nodeName: node.name };
}

/** Keeps the claim alive around the drain, waits for a free place, and leaves the claim as the drain ended. */
function beginDrain(engine: Engine, work: NodeWork): BeginDrain {
  return async (deadline, signal, run) => {
    const stopRenewing = renewClaim(engine, work);
    let end: DrainEnd | undefined;
    try {
      end = await engine.drains.add(run, { priority: -deadline.at.getTime(), signal });
      if (end.outcome === 'drained' && engine.outOfServiceTaint)
        await engine.cluster.markOutOfService(work.node, signal);
      return end;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        outcome: signal.aborted ? 'cancelled' : 'failed',
        reason,
        podsEvicted: end?.podsEvicted ?? 0,
        pods: end?.pods ?? [],
        podsLeft: [],
        deadline: deadline.at,
        durationMs: end?.durationMs ?? 0,
      };
    } finally {
      stopRenewing();
      await leaveClaim(engine, work, end?.outcome === 'drained');
    }
  };
}

function renewClaim(engine: Engine, work: NodeWork): () => void {
  if (engine.holder === undefined) return () => undefined;
  const timer = setInterval(() => {
    // A missed renewal is made good by the next; a claim that is lost for good only lets another replica do the same again.
    work
      .writeClaim(ownClaim(engine, 'draining', engine.claimTtlMs), AbortSignal.timeout(engine.claimTtlMs))
      .catch(() => undefined);
  }, engine.claimTtlMs / 3);
  timer.unref();
  return () => clearInterval(timer);
}

async function leaveClaim(engine: Engine, work: NodeWork, drained: boolean): Promise<void> {
  if (engine.holder === undefined) return;
  const claim = drained ? ownClaim(engine, 'drained', DRAINED_TTL_MS) : undefined;
  // Best effort: without it the claim ends by itself when its time is over.
  await work.writeClaim(claim, AbortSignal.timeout(2_000)).catch(() => undefined);
}
