import type { EventId } from '@node-termination-handler/event-parsers';
import PQueue from 'p-queue';
import { createCordonFirst } from '../claim/cordon-first.ts';
import { decide, DEFAULT_POLICY } from '../policy/decide.ts';
import type { TakeOut } from '../policy/decide.ts';
import type { NodeInterruption } from '../kinds.ts';
import type { Cluster, NodeTarget } from './cluster.ts';
import { drainTaken } from './drain-taken.ts';
import type { Engine } from './engine.ts';
import { HandledEvents } from './handled-events.ts';
import { NodeWorks } from './node-works.ts';
import { DEFAULT_HANDLER_OPTIONS } from './options.ts';
import type { InterruptionHandlerOptions } from './options.ts';
import { pauseUntil } from './pause.ts';
import { ProgressFeed } from './progress-feed.ts';
import type { InterruptionProgress } from './progress.ts';
import { releaseNode } from './release-node.ts';
import type { HandlingResult } from './result.ts';
import { StopReason } from './stop-reason.ts';
import { takeNode } from './take-node.ts';

interface InWork {
  readonly event: NodeInterruption;
  readonly stop: AbortController;
  readonly result: Promise<HandlingResult>;
}

/**
 * Turns interruption events into nodes taken out of service: one claim, one drain and one deadline for each node,
 * whatever number of events, deliveries and replicas ask for it.
 */
export class InterruptionHandler {
  readonly #engine: Engine;
  readonly #handled: HandledEvents;
  readonly #inWork = new Map<EventId, InWork>();
  readonly #ignored = new Set<EventId>();
  /** What finished events hold their nodes with, so that a later cancellation knows its event. */
  readonly #finished = new Map<EventId, NodeInterruption>();
  #closed = false;

  /** @param cluster where the nodes are; see `createCluster` for the real one. */
  constructor(cluster: Cluster, options: InterruptionHandlerOptions = {}) {
    const { now = () => new Date(), holder, policy, cordonFirst, ...rest } = options;
    const settings = { ...DEFAULT_HANDLER_OPTIONS, ...rest };
    this.#engine = {
      cluster,
      policy: { ...DEFAULT_POLICY, ...policy },
      works: new NodeWorks(cluster),
      cordonFirst: createCordonFirst(cordonFirst),
      drains: new PQueue({ concurrency: settings.concurrentDrains }),
      feed: new ProgressFeed(now),
      now,
      holder,
      claimTtlMs: settings.claimTtlMs,
      outOfServiceTaint: settings.outOfServiceTaint,
      dryRun: settings.dryRun,
    };
    this.#handled = new HandledEvents(settings.rememberedEvents);
  }

  /** How many events are in work now, those that wait for their time included. */
  get inWork(): number {
    return this.#inWork.size;
  }

  /** Every step of every event from now on, in order; ends when `signal` aborts. Listening never holds up the work. */
  progress(signal: AbortSignal): AsyncIterable<InterruptionProgress> {
    return this.#engine.feed.listen(signal);
  }

  /** From now on the event needs no work, as after the reboot it announced. */
  ignore(id: EventId): void {
    this.#ignored.add(id);
  }

  /**
   * Handles one event, from the decision to the end of its drain.
   *
   * The same event given again shares the first one's work. Never rejects: what went wrong is in the result.
   */
  handle(event: NodeInterruption, target: NodeTarget = { instanceId: event.instanceId }): Promise<HandlingResult> {
    if (this.#closed) return Promise.resolve({ status: 'handed-back' });
    if (this.#ignored.has(event.id))
      return Promise.resolve({ status: 'ignored', reason: 'the event was handled before the restart of the host' });
    const decision = decide(event, this.#engine.policy, this.#engine.now());
    if (decision.action === 'release') return this.cancel(event.id, decision.reason);
    const known = this.#handled.get(event.id);
    if (known !== undefined) return known;

    this.#engine.feed.tell({ type: 'received', decision, event });
    if (decision.action === 'ignore') {
      const ignored: HandlingResult = { status: 'ignored', reason: decision.reason };
      this.#engine.feed.tell({ type: 'ignored', reason: decision.reason, event });
      this.#handled.remember(event.id, Promise.resolve(ignored));
      return Promise.resolve(ignored);
    }
    const stop = new AbortController();
    const result = this.#takeOut(event, decision, target, stop.signal).finally(() => this.#inWork.delete(event.id));
    this.#inWork.set(event.id, { event, stop, result });
    this.#handled.remember(event.id, result);
    return result;
  }

  /** Drops an event that ended before its time; what was done for it alone is taken back. */
  async cancel(id: EventId, reason: string): Promise<HandlingResult> {
    const running = this.#inWork.get(id);
    if (running !== undefined) {
      running.stop.abort(new StopReason('cancelled', reason));
      return running.result;
    }
    const event = this.#finished.get(id);
    const work = this.#engine.works.heldBy(id);
    if (event === undefined || work === undefined) return { status: 'ignored', reason };
    return this.#cancelled(event, reason);
  }

  /**
   * Stops: takes no new event, lets running work end, and hands back what has not ended after `graceMs`.
   * Claims of handed-back work are given up, so that another replica can go on at once.
   */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closed = true;
    for (const { event, stop } of this.#inWork.values()) {
      if (this.#engine.works.heldBy(event.id) === undefined)
        stop.abort(new StopReason('handed-back', 'the process stops'));
    }
    const timer = setTimeout(() => {
      for (const { stop } of this.#inWork.values()) stop.abort(new StopReason('handed-back', 'the process stops'));
    }, graceMs);
    try {
      await Promise.all([...this.#inWork.values()].map(({ result }) => result));
      await this.#engine.drains.onIdle();
    } finally {
      clearTimeout(timer);
    }
  }

  async #takeOut(
    event: NodeInterruption,
    decision: TakeOut,
    target: NodeTarget,
    signal: AbortSignal,
  ): Promise<HandlingResult> {
    const engine = this.#engine;
    try {
      if (decision.actAt > engine.now()) {
        engine.feed.tell({ type: 'waiting', until: decision.actAt, event });
        await pauseUntil(decision.actAt, engine.now, signal);
      }
      const taken = await takeNode(engine, event, decision, target, signal);
      switch (taken.status) {
        case 'not-found':
          engine.feed.tell({ type: 'node-not-found', event });
          return { status: 'node-not-found' };
        case 'done-elsewhere':
          // Whoever drained the node may be gone when the event is cancelled.
          this.#finished.set(event.id, event);
          return { status: 'done', action: 'drain', nodeName: taken.work.node.name, doneBy: taken.holder };
        case 'still-held-elsewhere':
          return {
            status: 'failed',
            reason: `${taken.holder} still works on the node`,
            nodeName: taken.work.node.name,
          };
        case 'taken':
          this.#finished.set(event.id, event);
          return decision.action === 'cordon'
            ? { status: 'done', action: 'cordon', nodeName: taken.work.node.name }
            : await drainTaken(engine, event, decision, taken.work, signal);
      }
    } catch (error) {
      if (error instanceof StopReason) {
        if (error.kind === 'cancelled') return this.#cancelled(event, error.message);
        engine.works.heldBy(event.id)?.drop(event.id);
        return { status: 'handed-back' };
      }
      const reason = error instanceof Error ? error.message : String(error);
      const node = engine.works.heldBy(event.id)?.node;
      const final = decision.action === 'cordon';
      engine.feed.tell({ type: 'cordon-failed', reason, final, event, ...(node === undefined ? {} : { node }) });
      return { status: 'failed', reason, ...(node === undefined ? {} : { nodeName: node.name }) };
    }
  }

  async #cancelled(event: NodeInterruption, reason: string): Promise<HandlingResult> {
    this.#finished.delete(event.id);
    this.#handled.forget(event.id);
    const work = this.#engine.works.heldBy(event.id);
    this.#engine.feed.tell({ type: 'cancelled', reason, event, ...(work === undefined ? {} : { node: work.node }) });
    if (work !== undefined) await releaseNode(this.#engine, event, work, reason, new AbortController().signal);
    return { status: 'cancelled', reason };
  }
}
