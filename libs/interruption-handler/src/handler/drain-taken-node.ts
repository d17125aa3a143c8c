import { abortable, repeat, withTimeLimit } from '@node-termination-handler/clock';
import type { Deadline, Timer } from '@node-termination-handler/clock';
import type { DrainFinished, PodRef } from '@node-termination-handler/node-drainer';
import type { ClaimRecord } from '../claim.ts';
import type { NodeInterruption } from '../kinds.ts';
import type { TakeOut } from '../policy/decide.ts';
import { messageOf, ownClaim } from './engine.ts';
import type { Engine } from './engine.ts';
import type { DrainEnd, NodeWork } from './node-work.ts';
import type { HandlingResult } from './result.ts';

/** Drains a node that has been taken, or joins the drain that another event began. */
export async function drainTaken(
  engine: Engine,
  event: NodeInterruption,
  decision: TakeOut,
  work: NodeWork,
  signal: AbortSignal,
): Promise<HandlingResult> {
  const { cordonFirst, feed, clock, dryRun } = engine;
  await cordonFirst.quiet(signal);
  const joined = work.joinDrain(event.id, decision.deadline);
  const drain =
    joined?.drain ??
    work.beginDrain(event.id, decision.deadline, (deadline, stop) => drainNode(engine, event, work, deadline, stop));
  const { node } = work;
  const deadline = drain.deadline.at ?? decision.deadline;
  if (joined === undefined) feed.tell({ type: 'drain-began', deadline, event, node });
  else feed.tell({ type: 'attached', deadline, tightened: joined.tightened, event, node });

  const { outcome, podsEvicted, pods, podsLeft, durationMs, ...end } = await abortable(drain.end, signal);
  if (outcome === 'drained') {
    const secondsLeft = (drain.deadline.atMs - clock.now()) / 1000;
    feed.tell({ type: 'drained', podsEvicted, pods, secondsLeft, durationMs, dryRun, event, node });
    return { status: 'done', action: 'drain', nodeName: node.name, podsEvicted };
  }
  const reason = end.reason === '' ? 'the drain was stopped' : end.reason;
  feed.tell({ type: 'drain-failed', reason, pods, podsLeft, durationMs, event, node });
  return { status: 'failed', reason, nodeName: node.name };
}

/** Keeps the claim alive around the drain, waits for a free place, and leaves the claim as the drain ended. */
async function drainNode(
  engine: Engine,
  event: NodeInterruption,
  work: NodeWork,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<DrainEnd> {
  const renewal = renewClaim(engine, work);
  let end: DrainEnd | undefined;
  try {
    const run = (): Promise<DrainEnd> => runDrain(engine, event, work, deadline, signal);
    end = await engine.drains.add(run, { priority: -deadline.atMs, signal });
    if (end.outcome === 'drained' && engine.outOfServiceTaint) await engine.cluster.markOutOfService(work.node, signal);
    return end;
  } catch (error) {
    const nothing = { podsEvicted: 0, pods: [], durationMs: 0 };
    return { ...nothing, ...end, outcome: stopped(signal), reason: messageOf(error), podsLeft: [] };
  } finally {
    renewal?.stop();
    await leaveClaim(engine, work, end?.outcome === 'drained');
  }
}

async function runDrain(
  { cluster, clock, feed }: Engine,
  event: NodeInterruption,
  work: NodeWork,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<DrainEnd> {
  const beganMs = clock.monotonic();
  const pods: string[] = [];
  const ended = (outcome: DrainEnd['outcome'], reason: string, finished?: DrainFinished): DrainEnd => ({
    outcome,
    reason,
    podsEvicted: finished?.podsEvicted ?? 0,
    pods,
    podsLeft: finished?.left.map(({ pod }) => podName(pod)) ?? [],
    durationMs: clock.monotonic() - beganMs,
  });
  try {
    for await (const progress of cluster.drain(work.node, deadline, signal)) {
      feed.tell({ type: 'draining', progress, event, node: work.node });
      if (progress.type === 'planned') pods.push(...progress.pods.map(({ pod }) => pod.name));
      if (progress.type === 'finished') return ended(progress.outcome, progress.message, progress);
    }
    return ended('failed', 'the drain ended without saying how');
  } catch (error) {
    return ended(stopped(signal), messageOf(error));
  }
}

/** What a drain comes to that ended with an exception. */
function stopped(signal: AbortSignal): 'cancelled' | 'failed' {
  return signal.aborted ? 'cancelled' : 'failed';
}

/** How long a finished drain is remembered on the node for the events that come to other replicas, in milliseconds. */
const DRAINED_TTL_MS = 5 * 60_000;

/** How long the last word about a claim is tried, in milliseconds: without it the claim ends by itself when its time is over. */
const LEAVE_FOR_MS = 2_000;

function renewClaim(engine: Engine, work: NodeWork): Timer | undefined {
  const { holder, clock, claimTtlMs } = engine;
  if (holder === undefined) return undefined;
  const renew = (): Promise<void> => writeClaim(engine, work, ownClaim(engine, 'draining', claimTtlMs), claimTtlMs);
  return repeat(clock, claimTtlMs / 3, renew, { keepsProcessAlive: false });
}

async function leaveClaim(engine: Engine, work: NodeWork, drained: boolean): Promise<void> {
  if (engine.holder === undefined) return;
  await writeClaim(engine, work, drained ? ownClaim(engine, 'drained', DRAINED_TTL_MS) : undefined, LEAVE_FOR_MS);
}

/** Best effort: a missed renewal is made good by the next, and a claim that is lost only lets another replica do the same again. */
async function writeClaim(
  { clock }: Engine,
  work: NodeWork,
  claim: ClaimRecord | undefined,
  limitMs: number,
): Promise<void> {
  await withTimeLimit({ clock, limitMs }, (signal) => work.writeClaim(claim, signal)).catch(() => undefined);
}

function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}
