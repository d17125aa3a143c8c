import { sleepUntil } from '@node-termination-handler/clock';
import type { EventId } from '@node-termination-handler/event-parsers';
import type { Cluster, NodeTarget } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { decide } from '../policy/decide.ts';
import type { TakeOut } from '../policy/decide.ts';
import { drainTaken } from './drain-taken-node.ts';
import { createEngine, messageOf } from './engine.ts';
import type { Engine, InterruptionHandlerOptions } from './engine.ts';
import type { InterruptionProgress } from './progress.ts';
import { releaseNode } from './release-node.ts';
import { StopReason } from './result.ts';
import type { HandlingResult } from './result.ts';
import { takeNode } from './take-node.ts';

interface InWork {
  readonly event: NodeInterruption;
  readonly stop: AbortController;
  readonly result: Promise<HandlingResult>;
}

interface TakingOut {
  readonly event: NodeInterruption;
  readonly decision: TakeOut;
  readonly target: NodeTarget;
  readonly signal: AbortSignal;
  /** The end of earlier work for the same event, which is being taken back. */
  readonly after: Promise<HandlingResult> | undefined;
}

/**
 * Turns interruption events into nodes taken out of service: one claim, one drain and one deadline for each node,
 * whatever number of events, deliveries and replicas ask for it.
 */
export class InterruptionHandler {
  readonly #engine: Engine;
  readonly #inWork = new Map<EventId, InWork>();
  /**
   * Results of events that need no work when they are delivered again. The oldest is forgotten when there are more than the option
   * says: should it be delivered again, its node is looked at and drained once more, as after a restart.
   */
  readonly #over = new Map<EventId, HandlingResult>();
  #closed = false;

  /** @param cluster where the nodes are; see `createKubernetesCluster` for the real one. */
  constructor(cluster: Cluster, options: InterruptionHandlerOptions = {}) {
    this.#engine = createEngine(cluster, options);
  }

  /** How many events are in work now, those that wait for their time included. */
  get inWork(): number {
    return this.#inWork.size;
  }

  /** What is remembered of events that are over: bounded, however long the process runs. */
  get remembered(): { readonly events: number; readonly nodes: number; readonly holds: number } {
    return { events: this.#over.size, ...this.#engine.works.remembered };
  }

  /** Every step of every event from now on, in order; ends when `signal` aborts. Listening never holds up the work. */
  progress(signal: AbortSignal): AsyncIterable<InterruptionProgress> {
    return this.#engine.feed.listen(signal);
  }

  /** From now on the event needs no work, as after the reboot it announced. */
  ignore(id: EventId): void {
    this.#remember(id, { status: 'ignored', reason: 'the event was handled before the restart of the host' });
  }

  /**
   * Handles one event, from the decision to the end of its drain.
   *
   * The same event given again shares the first one's work. Never rejects: what went wrong is in the result.
   */
  handle(event: NodeInterruption, target: NodeTarget = { instanceId: event.instanceId }): Promise<HandlingResult> {
    if (this.#closed) return Promise.resolve({ status: 'handed-back' });
    const { policy, now, feed } = this.#engine;
    const decision = decide(event, policy, now());
    if (decision.action === 'release') return this.cancel(event.id, decision.reason);
    const running = this.#inWork.get(event.id);
    // One that is being taken back is begun anew, after its end: it would take back what is done now.
    if (running !== undefined && !running.stop.signal.aborted) return running.result;
    const over = this.#over.get(event.id);
    if (over !== undefined) return Promise.resolve(over);

    feed.tell({ type: 'received', decision, event });
    if (decision.action === 'ignore') {
      feed.tell({ type: 'ignored', reason: decision.reason, event });
      return Promise.resolve(this.#remember(event.id, { status: 'ignored', reason: decision.reason }));
    }
    const stop = new AbortController();
    const work = { event, decision, target, signal: stop.signal, after: running?.result };
    const result = this.#takeOut(work).then((end) => {
      if (this.#inWork.get(event.id)?.stop === stop) this.#inWork.delete(event.id);
      return end.status === 'done' ? this.#remember(event.id, end) : end;
    });
    this.#inWork.set(event.id, { event, stop, result });
    return result;
  }

  /** Drops an event that ended before its time; what was done for it alone is taken back. */
  async cancel(id: EventId, reason: string): Promise<HandlingResult> {
    const running = this.#inWork.get(id);
    if (running !== undefined) {
      running.stop.abort(new StopReason('cancelled', reason));
      return running.result;
    }
    const event = this.#engine.works.heldBy(id)?.kept(id);
    return event === undefined ? { status: 'ignored', reason } : this.#cancelled(event, reason);
  }

  /**
   * Stops: takes no new event, lets running work end, and hands back what has not ended after `graceMs`.
   * Claims of handed-back work are given up, so that another replica can go on at once.
   */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    const { works, clock, drains } = this.#engine;
    this.#closed = true;
    const handBack = ({ stop }: InWork): void => stop.abort(new StopReason('handed-back', 'the process stops'));
    for (const work of this.#inWork.values()) if (works.heldBy(work.event.id) === undefined) handBack(work);
    const grace = clock.startTimer(graceMs, () => this.#inWork.values().forEach(handBack));
    try {
      await Promise.all([...this.#inWork.values()].map(({ result }) => result));
      await drains.onIdle();
    } finally {
      grace.stop();
    }
  }

  async #takeOut({ event, decision, target, signal, after }: TakingOut): Promise<HandlingResult> {
    const { clock, feed, works } = this.#engine;
    if (after !== undefined) await after;
    try {
      if (decision.actAt.getTime() > clock.now()) {
        feed.tell({ type: 'waiting', until: decision.actAt, event });
        await sleepUntil(clock, decision.actAt, signal);
      }
      const taken = await takeNode(this.#engine, event, decision, target, signal);
      if (taken.status === 'not-found') {
        feed.tell({ type: 'node-not-found', event });
        return { status: 'node-not-found' };
      }
      const { work } = taken;
      const nodeName = work.node.name;
      if (taken.status === 'still-held-elsewhere')
        return { status: 'failed', reason: `${taken.holder} still works on the node`, nodeName };
      // Also of what another process has done: that one may be gone when the event is cancelled.
      work.keep(event);
      if (taken.status === 'done-elsewhere') return { status: 'done', action: 'drain', nodeName, doneBy: taken.holder };
      if (decision.action === 'cordon') return { status: 'done', action: 'cordon', nodeName };
      return await drainTaken(this.#engine, event, decision, work, signal);
    } catch (error) {
      if (error instanceof StopReason) {
        if (error.kind === 'cancelled') return this.#cancelled(event, error.message);
        works.heldBy(event.id)?.drop(event.id);
        return { status: 'handed-back' };
      }
      const reason = messageOf(error);
      const node = works.heldBy(event.id)?.node;
      const final = decision.action === 'cordon';
      feed.tell({ type: 'cordon-failed', reason, final, event, ...(node === undefined ? {} : { node }) });
      return { status: 'failed', reason, ...(node === undefined ? {} : { nodeName: node.name }) };
    }
  }

  async #cancelled(event: NodeInterruption, reason: string): Promise<HandlingResult> {
    this.#over.delete(event.id);
    const work = this.#engine.works.heldBy(event.id);
    this.#engine.feed.tell({ type: 'cancelled', reason, event, ...(work === undefined ? {} : { node: work.node }) });
    if (work !== undefined) await releaseNode(this.#engine, event, work, reason, new AbortController().signal);
    return { status: 'cancelled', reason };
  }

  #remember(id: EventId, result: HandlingResult): HandlingResult {
    this.#over.set(id, result);
    const [oldest] = this.#over.keys();
    if (oldest !== undefined && this.#over.size > this.#engine.rememberedEvents) this.#over.delete(oldest);
    return result;
  }
}
