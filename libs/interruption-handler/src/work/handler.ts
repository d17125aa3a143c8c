import { LastingFailure, retry, sleep, withTimeLimit } from '@node-termination-handler/clock';
import type { NodeRef } from '@node-termination-handler/node-drainer';
import { labelValue } from '@node-termination-handler/event-parsers';
import type { Cluster, ClusterNode } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { decide } from '../policy/decide.ts';
import type { Decision, TakeOut } from '../policy/decide.ts';
import { endOfEvent } from '../policy/end.ts';
import type { HookFacts } from '../policy/end.ts';
import { endingOf, hookOf, keyOf, noticeOf } from '../policy/notice.ts';
import { parseRecord, RECORD_ANNOTATION } from '../record/annotation.ts';
import { hasLiving, labelKey } from '../record/entry.ts';
import type { EntryKey, Notice, Source } from '../record/entry.ts';
import { entryFor } from '../record/noticed.ts';
import type { Witness } from '../record/noticed.ts';
import type { RecordInput } from '../record/transitions.ts';
import type { AboutEvent, ListedEvents } from './about-event.ts';
import { carriesConditions, showsConditions } from './conditions.ts';
import { createEngine, messageOf } from './engine.ts';
import type { Engine, InterruptionHandlerOptions } from './engine.ts';
import { LastOf } from './last-of.ts';
import { isOf, LeftBehind } from './left-behind.ts';
import { NewestOf } from './newest-of.ts';
import { NodeWork } from './node-work.ts';
import type { Hand, HandResult } from './node-work.ts';
import type { InterruptionProgress } from './progress.ts';
import type { HandlingResult } from './result.ts';
import { newsOf } from './told-before.ts';

/** After so long a node that was gone is looked for again, in milliseconds: a list of nodes learns of it a moment later. */
const LOOK_AGAIN_MS = 500;

/** A node object that somebody has deleted is there again within this time, where its kubelet lives, in milliseconds. */
const BACK_WITHIN_MS = 60_000;

/** How often another object of a node is looked for where nobody watches, in milliseconds. */
const LOOK_FOR_MS = 5_000;

/**
 * Turns interruption events into nodes taken out of service, and gives them back when nothing asks for it any more. What is known of a
 * node stands on the node, so that every process that reads it goes on where another has stopped.
 */
export class InterruptionHandler {
  readonly #engine: Engine;
  readonly #works = new Map<string, NodeWork>();
  /** Those that hold a claim, and some that have lost it meanwhile. */
  readonly #claiming = new Set<NodeWork>();
  /** Those in whose hand an interruption is. */
  readonly #inHand = new Map<EntryKey, Set<NodeWork>>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #received = new NewestOf<true>();
  readonly #leftBehind: LeftBehind;
  readonly #stop = new AbortController();

  /** @param cluster where the nodes are; see `createKubernetesCluster` for the real one. */
  constructor(cluster: Cluster, options: InterruptionHandlerOptions = {}) {
    this.#engine = createEngine(cluster, options);
    this.#leftBehind = new LeftBehind(this.#engine);
  }

  /** How many nodes this process has something to do or to wait for. */
  get nodesInWork(): number {
    return this.#works.size;
  }

  /** How many nodes are drained here for longer than the policy's grace, be it by a drain that runs or by one that is tried again. */
  get drainsOverdue(): number {
    return [...this.#works.values()].filter((work) => work.isOverdue).length;
  }

  /** The instances of nodes that are held because their Auto Scaling groups take them out of service, as the records say. */
  get instancesOfGroups(): readonly string[] {
    return [...this.#works.values()].filter((work) => work.isHeldByGroup).flatMap((work) => work.instanceId ?? []);
  }

  /** Every step of every event from now on, in order; ends when `signal` aborts. Listening never holds up the work. */
  progress(signal: AbortSignal): AsyncIterable<InterruptionProgress> {
    return this.#engine.feed.listen(signal);
  }

  /**
   * Takes one event in. Resolves when nothing more is owed for it, or when the record on its node carries what is: then its message can go.
   *
   * Never rejects: what went wrong is in the result.
   */
  async handle(event: NodeInterruption, about: AboutEvent = {}): Promise<HandlingResult> {
    const { policy, feed, clock } = this.#engine;
    if (this.#stop.signal.aborted) return { status: 'handed-back' };
    const decision = decide(event, policy, new Date(clock.now()));
    const { target = { instanceId: event.instanceId }, source = sourceOf(event) } = about;
    switch (decision.action) {
      case 'ignore':
        if (this.#isFirst(event)) {
          feed.tell({ type: 'received', decision, event });
          feed.tell({ type: 'ignored', reason: decision.reason, event });
        }
        return { status: 'ignored', reason: decision.reason };
      case 'notify':
        if (this.#isFirst(event)) await this.#notify(event, decision, target, about);
        return { status: 'ignored', reason: decision.reason };
      case 'release': {
        const notice = endingOf(event, policy, source);
        const input: RecordInput = { type: 'ended', ending: { notice, at: event.noticedAt.getTime() } };
        const nodes = await this.#nodesOf(target, event, clock.now());
        if ('status' in nodes) return nodes;
        const works = nodes.map((node) => this.#workOn(node));
        for (const work of works) work.write(input, [notice.key]);
        this.#tellOthers(works, target, input);
        return { status: 'cancelled', reason: decision.reason };
      }
      case 'cordon':
      case 'drain': {
        const notice = this.#noticeOf(event, decision, source, about);
        const isFirst = this.#isFirst(event);
        const nodes = about.nodes ?? (isFirst ? await this.#nodesSoon(target) : undefined);
        const isTold = nodes?.some((node) => this.#recordHas(node, notice)) === true;
        if (isFirst) feed.tell({ type: 'received', decision, event, ...(isTold ? { isFirst: false } : {}) });
        return this.#takeOut(event, decision, target, { ...about, ...(nodes && { nodes }) }, notice);
      }
    }
  }

  /**
   * What is known now of the hook of an event in hand: the drain of its node follows the end that it has. `ending`: it waits for some seconds
   * more, and is completed without delay when its node is empty. `gone`: it waits no longer, and the instance goes. To be told again is no
   * news.
   */
  hookChanged(event: NodeInterruption, hook: HookFacts | 'ending' | 'gone'): void {
    const { policy, clock } = this.#engine;
    const key = keyOf(event);
    if (hook === 'ending') {
      for (const work of this.#withInHand(key)) work.hookEnds(key);
      return;
    }
    const input: RecordInput =
      hook === 'gone'
        ? { type: 'hook-ended', key, how: 'gone' }
        : {
            type: 'end-changed',
            key,
            end: endOfEvent(event, policy, clock.now(), hook),
            defaultResult: hook.defaultResult,
          };
    for (const work of this.#withInHand(key)) work.write(input);
    this.#leftBehind.write({ instanceId: event.instanceId }, input);
  }

  /** Whether, as the records say, no pod is left that keeps the hook of an event in hand waiting: only a delay of its completion may. */
  isEmptied(event: NodeInterruption): boolean {
    const key = keyOf(event);
    const works = this.#withInHand(key);
    return works.length > 0 && works.every((work) => work.isEmptied(key));
  }

  /** A source was listed: what it tells no more is over, and what it tells is known. */
  async listed(target: NodeRef, { source, causes, events }: ListedEvents): Promise<void> {
    const { policy, clock } = this.#engine;
    const now = new Date(clock.now());
    const active = events.filter((event) => decide(event, policy, now).action !== 'release');
    const keys = new Set(active.flatMap((event) => [keyOf(event), labelKey(labelValue(event.id))]));
    const input: RecordInput = { type: 'listed', source, causes, keys };
    const works = await this.#worksOf(target);
    for (const work of works)
      work.write(
        input,
        work.keysOf(source).filter((key) => !keys.has(key)),
      );
    this.#tellOthers(works, target, input);
  }

  /**
   * EC2 says that the instance runs again, and was started after what its node was taken out of service for. Resolves when that stands on
   * the node.
   *
   * @throws when the nodes cannot be found, and when the process stops before.
   */
  async returned(target: NodeRef, launchedAt: Date): Promise<void> {
    await this.#writeTo(target, { type: 'returned', at: launchedAt.getTime() });
  }

  /**
   * Its Auto Scaling group has put the instance into service again at a moment: out of a warm pool, or with another root volume. Resolves
   * when what it was taken out of service for before that is over on the node, with whether there was anything.
   *
   * @throws when the nodes cannot be found, and when the process stops before.
   */
  putIntoService(target: NodeRef, at: Date): Promise<boolean> {
    return this.#writeTo(target, { type: 'put-into-service', at: at.getTime() });
  }

  async #writeTo(target: NodeRef, input: RecordInput): Promise<boolean> {
    const works = await this.#worksOf(target);
    this.#stop.signal.throwIfAborted();
    this.#tellOthers(works, target, input);
    return (await Promise.all(works.map((work) => work.written(input)))).includes(true);
  }

  /** What happened to an instance is told to the works on node objects of it that are about to be gone, and to what is left of others. */
  #tellOthers(works: readonly NodeWork[], target: NodeRef, input: RecordInput): void {
    for (const work of this.#works.values())
      if (isOf(work.node, target) && !work.isOver && !works.includes(work)) work.write(input);
    this.#leftBehind.write(target, input);
  }

  /** Looks at a node, and does what follows from what stands on it. */
  lookAt(node: ClusterNode): void {
    if (!this.#stop.signal.aborted) this.#workOn(node);
  }

  /** A watch shows a node: new, changed, gone, or, with its record, found at the start. */
  seen({ type, node }: { readonly type: 'set' | 'removed'; readonly node: ClusterNode }): void {
    const work = this.#works.get(node.uid);
    if (work !== undefined) {
      if (type === 'removed') work.removed();
      // Its instance may be known only now.
      else if (this.#leftBehind.has(node)) this.#workOn(node);
      else work.seen(node);
      return;
    }
    if (type === 'removed' || this.#stop.signal.aborted) return;
    const { record } = parseRecord(node.annotations[RECORD_ANNOTATION], this.#engine.clock.now());
    // What an earlier process could not take off any more.
    const isShown = showsConditions(this.#engine) && carriesConditions(node);
    if (this.#leftBehind.has(node) || isShown || hasLiving(record)) this.#workOn(node);
  }

  /**
   * Stops: takes nothing new, lets drains end whose pods are going, hands back at once what only waits, and after `graceMs` the rest. Claims of
   * handed-back work are ended, so that another replica can go on at once.
   */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stop.abort(new Error('the process stops'));
    for (const work of this.#works.values()) work.stopWhenIdle();
    const handBack = (): void => this.#works.values().forEach((work) => work.stop());
    const grace = this.#engine.clock.startTimer(graceMs, handBack);
    try {
      await Promise.all(this.#running);
    } finally {
      grace.stop();
    }
  }

  /** Whether somebody has written down this very notice: it was told then, too. */
  #recordHas({ annotations }: ClusterNode, notice: Notice): boolean {
    const { record } = parseRecord(annotations[RECORD_ANNOTATION], this.#engine.clock.now());
    return entryFor(record, notice)?.id === notice.id;
  }

  #noticeOf(event: NodeInterruption, decision: TakeOut, source: Source, about: AboutEvent): Notice {
    const { policy, marks, clock } = this.#engine;
    const hook = hookOf(event, about.complete !== undefined, about.hook);
    return noticeOf(event, decision, { policy, marks, source, now: clock.now(), hook, facts: about.hook });
  }

  /** Tells of an event, of its nodes where they can be found now. */
  async #notify(event: NodeInterruption, decision: Decision, target: NodeRef, about: AboutEvent): Promise<void> {
    const { cluster, feed } = this.#engine;
    const nodes = about.nodes ?? (await cluster.find(target, this.#stop.signal).catch(() => []));
    const [first, ...others] = nodes;
    feed.tell({ type: 'received', decision, event, ...(first === undefined ? {} : { node: first }) });
    for (const node of others) feed.tell({ type: 'received', decision, event, node, isFirst: false });
  }

  async #takeOut(
    event: NodeInterruption,
    decision: TakeOut,
    target: NodeRef,
    about: AboutEvent,
    notice: Notice,
  ): Promise<HandlingResult> {
    const markBy = decision.markBy.getTime();
    const cameAtMs = this.#engine.clock.monotonic();
    const witness: Witness = {
      sawItEnd: false,
      ...(about.launchedAt === undefined ? {} : { launchedAt: about.launchedAt.getTime() }),
    };
    let nodes = about.nodes;
    for (;;) {
      const found = nodes ?? (await this.#nodesOf(target, event, markBy));
      nodes = undefined;
      if ('status' in found) return found;
      if (found.length === 0) {
        this.#engine.feed.tell({ type: 'node-not-found', event });
        return { status: 'node-not-found' };
      }
      const hook = about.complete === undefined ? undefined : new LastOf(found.length, about.complete);
      const complete: Hand['complete'] = hook === undefined ? undefined : (...asked) => hook.ask(...asked);
      const hand = { event, notice, witness, cameAtMs, markBy, complete, stillHolds: about.stillHolds };
      const ends = await Promise.all(
        found.map(async (node) => {
          const end = await this.#takeOutOf(node, hand, target, about);
          if (end === undefined) hook?.leave();
          return end;
        }),
      );
      const results = ends.filter((end) => end !== undefined);
      const [result] = results.toSorted((a, b) => RESULTS.indexOf(a.status) - RESULTS.indexOf(b.status));
      if (result !== undefined) return result;
    }
  }

  /** Has a notice worked on on a node, and on each further object of it that is registered; `undefined`: it is gone. */
  async #takeOutOf(
    node: ClusterNode,
    hand: Omit<Hand, 'settle'>,
    target: NodeRef,
    about: AboutEvent,
  ): Promise<HandlingResult | undefined> {
    const { name, instanceId } = node;
    for (let carrier = node; ;) {
      const result = await this.#takeInHand(this.#workOn(carrier), hand, about);
      if (result.status !== 'gone') return result;
      // Perhaps it is registered again: until that is known the others wait for it.
      await sleep(this.#engine.clock, LOOK_AGAIN_MS, this.#stop.signal).catch(() => undefined);
      const nodes = await this.#nodesOf(target, hand.event, hand.markBy);
      if ('status' in nodes) return nodes;
      const next = nodes.find((other) => other.name === name && other.instanceId === instanceId);
      if (next === undefined) return undefined;
      carrier = next;
    }
  }

  /** Has a notice worked on until its message may go, or the node is gone. */
  async #takeInHand(work: NodeWork, hand: Omit<Hand, 'settle'>, { shutDownAt }: AboutEvent): Promise<HandResult> {
    const { key } = hand.notice;
    const works = this.#inHand.get(key) ?? new Set();
    this.#inHand.set(key, works.add(work));
    const { promise, resolve } = Promise.withResolvers<HandResult>();
    work.take({ ...hand, settle: resolve });
    if (shutDownAt !== undefined) work.write({ type: 'shut-down', at: shutDownAt.getTime() });
    const result = await promise;
    if (!work.hasInHand(key) && works.delete(work) && works.size === 0) this.#inHand.delete(key);
    return result;
  }

  /**
   * The nodes that carry an instance, if they can be found at once: what stands in their records was told before, by a process that is gone.
   * People hear of an event all the same when nobody can say.
   */
  async #nodesSoon(target: NodeRef): Promise<readonly ClusterNode[] | undefined> {
    const { clock, cluster } = this.#engine;
    const limit = { clock, limitMs: FOUND_SOON_MS, signals: [this.#stop.signal] };
    const nodes = await withTimeLimit(limit, (signal) => cluster.find(target, signal)).catch(() => []);
    return nodes.length === 0 ? undefined : nodes;
  }

  /** The nodes that carry an event's instance; tried until `until` where the API server does not say. */
  async #nodesOf(
    target: NodeRef,
    event: NodeInterruption,
    until: number,
  ): Promise<readonly ClusterNode[] | HandlingResult> {
    const { clock, cluster, feed } = this.#engine;
    const { signal } = this.#stop;
    const finding = new LastingFailure(clock);
    const onRetry = (error: unknown): void => {
      const reason = messageOf(error);
      const news = newsOf(finding.failed(reason));
      if (news !== undefined) feed.tell({ type: 'retrying', step: 'find', reason, ...news, event });
    };
    const giveUpAfterMs = Math.max(0, until - clock.now());
    const isWorthRetrying = (error: unknown): boolean => !(error instanceof TypeError);
    const options = { clock, backoff: { firstMs: 100, maxMs: 5_000 }, giveUpAfterMs, signal, onRetry, isWorthRetrying };
    try {
      const nodes = await retry(options, () => cluster.find(target, signal));
      return signal.aborted ? { status: 'handed-back' } : nodes;
    } catch (error) {
      if (signal.aborted) return { status: 'handed-back' };
      const reason = messageOf(error);
      feed.tell({ type: 'cordon-failed', reason, final: false, isFirst: true, others: [], event });
      return { status: 'failed', reason };
    }
  }

  /** The works on the nodes that carry an instance; none once the process stops. */
  async #worksOf(target: NodeRef): Promise<readonly NodeWork[]> {
    const { signal } = this.#stop;
    const nodes = signal.aborted ? [] : await this.#engine.cluster.find(target, signal);
    return signal.aborted ? [] : nodes.map((node) => this.#workOn(node));
  }

  #workOn(node: ClusterNode): NodeWork {
    const known = this.#works.get(node.uid);
    const left = this.#leftBehind.take(node);
    if (known !== undefined && !known.isOver) {
      known.seen(node);
      if (left !== undefined) known.inherit(left);
      return known;
    }
    const work = new NodeWork(this.#engine, node, () => this.#beatFor(work), left);
    this.#works.set(node.uid, work);
    const running = work.run().finally(() => {
      if (work.isGone) this.#leave(work);
      this.#running.delete(running);
      if (this.#works.get(node.uid) === work) this.#works.delete(node.uid);
      this.#beatFor(work);
    });
    this.#running.add(running);
    return work;
  }

  /** A node that is gone may be back in a moment, as another object of the same instance: its pods run on. Otherwise they are lost. */
  #leave(work: NodeWork): void {
    const { leftBehind, node } = work;
    this.#leftBehind.keep(node, leftBehind);
    if (leftBehind === undefined) return;
    void this.#takeUp(node);
    if (!work.hasPodsWithoutOutcome) return;
    const tell = (): void => {
      if (node.instanceId === undefined || this.#leftBehind.isKept(node)) work.tellLost();
    };
    this.#engine.clock.startTimer(BACK_WITHIN_MS, tell, { keepsProcessAlive: false });
  }

  /** The new object was perhaps seen while the work on the old one ended; where nobody watches it is looked for. */
  async #takeUp(gone: ClusterNode): Promise<void> {
    const { signal } = this.#stop;
    const { clock, cluster } = this.#engine;
    const { name } = gone;
    const isWatched = cluster.silentMs !== Infinity;
    const untilMs = clock.monotonic() + BACK_WITHIN_MS;
    const find = async (): Promise<readonly ClusterNode[]> => {
      if (isWatched) return cluster.find({ name }, signal);
      // A name that is nobody's would be looked for among all nodes.
      const node = await cluster.read(name, signal);
      return node === undefined ? [] : [node];
    };
    for (;;) {
      const nodes = await find().catch(() => []);
      for (const node of nodes) if (!signal.aborted && this.#leftBehind.has(node)) this.#workOn(node);
      if (isWatched || signal.aborted || !this.#leftBehind.isKept(gone) || clock.monotonic() >= untilMs) return;
      await sleep(clock, LOOK_FOR_MS, signal, { keepsProcessAlive: false }).catch(() => undefined);
    }
  }

  #beatFor(work: NodeWork): void {
    if (work.holdsClaim) this.#claiming.add(work);
    for (const one of this.#claiming) {
      if (one.holdsClaim) break;
      this.#claiming.delete(one);
    }
    this.#engine.beats.hold(this.#claiming.size > 0);
  }

  #withInHand(key: EntryKey): readonly NodeWork[] {
    return [...(this.#inHand.get(key) ?? [])].filter((work) => work.hasInHand(key));
  }

  /** Whether an event comes for the first time: a source may give it again and again. */
  #isFirst({ id, instanceId }: NodeInterruption): boolean {
    // One message may tell of many instances.
    const told = `${id} ${instanceId}`;
    if (this.#received.has(told)) return false;
    this.#received.set(told, true);
    return true;
  }
}

/** How long people wait to hear of an event whose node cannot be found, in milliseconds. */
const FOUND_SOON_MS = 1000;

/** Of the results of several nodes the one that says least is done. */
const RESULTS: readonly HandlingResult['status'][] = [
  'handed-back',
  'failed',
  'carried',
  'done',
  'cancelled',
  'ignored',
  'node-not-found',
];

function sourceOf({ monitor }: NodeInterruption): Source {
  return monitor === 'SQS_MONITOR' ? 'sqs' : 'imds';
}
