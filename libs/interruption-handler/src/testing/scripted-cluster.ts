import { isDeepStrictEqual } from 'node:util';
import { onAbort } from '@node-termination-handler/clock';
import type { NodeRef } from '@node-termination-handler/node-drainer';
import type { Deadline } from '@node-termination-handler/clock';
import { applied, conditionWrites, KubernetesApiError, NONE_ENDED } from '@node-termination-handler/node-drainer';
import type {
  ConditionMark,
  DrainFinished,
  DrainProgress,
  DrainReport,
  NodeChange,
  PodEnding,
  PodRef,
} from '@node-termination-handler/node-drainer';
import type { Changed, Cluster, ClusterNode, DrainOrder } from '../cluster/cluster.ts';
import { parseRecord, RECORD_ANNOTATION } from '../record/annotation.ts';
import { CLAIM_ANNOTATION, parseClaim } from '../record/claims.ts';
import type { Claim } from '../record/claims.ts';
import type { NodeRecord } from '../record/entry.ts';
import type { PodsLook } from '../record/transitions.ts';
import { START } from './events.ts';

/** The one pod of each node. */
export const WEB: PodRef = { namespace: 'default', name: 'web-1', uid: 'pod-1' };

/** The answer to a patch of a node that an admission webhook denies. */
export function denied(): KubernetesApiError {
  const status = { message: 'admission webhook "no.example.com" denied the request: not now' };
  return new KubernetesApiError({ verb: 'patch', resource: 'nodes', name: 'node-1' }, 403, status);
}

/** A drain that runs until the test ends it. */
export interface ScriptedDrain {
  readonly node: string;
  readonly deadline: Deadline;
  readonly onDeadline: DrainOrder['onDeadline'];
  readonly deadlineMarginSeconds: DrainOrder['deadlineMarginSeconds'];
  readonly signal: AbortSignal;
  /** What was accepted for its pod; `nothing`: it has none. Default: that it is evicted by a drain that empties the node. */
  ending?: PodEnding | 'nothing';
  /** Whether the grace of its pod is not over when it ends. Default false. */
  isInGrace?: boolean;
  /** Tells something of it. */
  tell(report: DrainReport): void;
  finish(outcome?: 'drained' | 'failed', message?: string, reason?: DrainFinished['reason']): void;
}

type ScriptedEnd = Pick<DrainFinished, 'outcome' | 'message' | 'reason'>;

/** A cluster of plain objects: it records what is asked of it, and answers as the test says. */
export class ScriptedCluster implements Cluster {
  /** While it is not 0 nobody is told of anything. */
  silentMs: number;
  readonly nodes = new Map<string, ClusterNode>();
  readonly #watchers = new Set<(node: ClusterNode) => void>();
  readonly log: string[] = [];
  readonly drains: ScriptedDrain[] = [];
  /** Whether the next drains find no pod. */
  isEmptied = false;
  /** Patches apply, and their answers are lost on the way. */
  losesAnswers = false;
  /** Failures that the next calls of a step end with. */
  readonly failures: { find: Error[]; change: Error[]; drain: Error[]; look: Error[]; show: Error[] } = {
    find: [],
    change: [],
    drain: [],
    look: [],
    show: [],
  };
  /** What the next looks at pods find; afterwards none is there. */
  readonly looks: PodsLook[] = [];
  /** Runs before a change is applied; tests hold changes up with it. */
  beforeChange: (node: ClusterNode) => Promise<void> = () => Promise.resolve();
  /** Runs when a change is applied, before it is answered; tests lose answers with it. */
  afterChange: (node: ClusterNode) => Promise<void> = () => Promise.resolve();
  /** Changes are answered as if they were applied, and are not. */
  isDryRun = false;
  /** Nodes have no room for annotations. */
  isFull = false;

  constructor({ isWatched = true } = {}) {
    this.silentMs = isWatched ? 0 : Infinity;
  }

  add(name: string, instanceId: string, more: Partial<ClusterNode> = {}): ClusterNode {
    const node: ClusterNode = {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      providerId: `aws:///eu-west-1a/${instanceId}`,
      instanceId,
      unschedulable: false,
      taints: [],
      labels: {},
      annotations: {},
      ready: true,
      conditions: [],
      bootId: 'boot-1',
      ...more,
    };
    this.nodes.set(name, node);
    return node;
  }

  /** Somebody else changes a node. */
  edit(name: string, change: NodeChange & Partial<Pick<ClusterNode, 'bootId' | 'conditions'>>): ClusterNode {
    const { bootId, conditions, ...rest } = change;
    const node = this.node(name);
    const next = {
      ...applied(node, rest),
      bootId: bootId ?? node.bootId,
      conditions: conditions ?? node.conditions,
      resourceVersion: String(Number(node.resourceVersion) + 1),
    };
    this.nodes.set(name, next);
    const hearing = this.silentMs === 0 ? this.#watchers : [];
    for (const watcher of hearing) queueMicrotask(() => watcher(next));
    return next;
  }

  /** Tells each change of a node from now on, where the cluster is watched; until the function it returns is called. */
  watch(watcher: (node: ClusterNode) => void): () => void {
    if (this.silentMs === 0) this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  record(name: string): NodeRecord {
    return parseRecord(this.node(name).annotations[RECORD_ANNOTATION], START.getTime()).record;
  }

  claim(name: string): Claim | undefined {
    return parseClaim(this.node(name).annotations[CLAIM_ANNOTATION]);
  }

  find({ name, instanceId }: NodeRef): Promise<readonly ClusterNode[]> {
    const failure = this.failures.find.shift();
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(
      [...this.nodes.values()].filter((node) => node.name === name || node.instanceId === instanceId),
    );
  }

  read(name: string): Promise<ClusterNode | undefined> {
    this.log.push(`read ${name}`);
    return Promise.resolve(this.nodes.get(name));
  }

  async change(node: ClusterNode, change: (node: ClusterNode) => NodeChange): Promise<Changed> {
    await this.beforeChange(node);
    const failure = this.failures.change.shift();
    if (failure !== undefined) throw failure;
    // What a dry run has pretended is the node as it knows it.
    const before = this.isDryRun ? node : this.nodes.get(node.name);
    if (before?.uid !== node.uid) return { status: 'gone' };
    const { annotations = {}, ...others } = change(before);
    const withoutAnnotations = this.isFull && Object.values(annotations).some((value) => value !== null);
    const wanted = withoutAnnotations ? others : { ...others, annotations };
    const after = applied(before, wanted);
    const isNew = !isDeepStrictEqual({ ...after, annotated: true }, { ...before, annotated: true });
    const base = { status: 'changed', before, withoutAnnotations } as const;
    if (this.isDryRun || !isNew) return { ...base, node: after };
    this.log.push(`patch ${node.name}`);
    const changed = this.edit(node.name, wanted);
    await this.afterChange(changed);
    // It is worked out once more for the node as it is, and there is nothing left to do.
    if (this.losesAnswers) change(changed);
    return { ...base, node: changed };
  }

  show(node: ClusterNode, marks: readonly ConditionMark[]): Promise<ClusterNode | undefined> {
    this.log.push(`show ${node.name}`);
    const failure = this.failures.show.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const known = this.nodes.get(node.name);
    if (known?.uid !== node.uid) return Promise.resolve(undefined);
    const writes = conditionWrites(known, marks, START);
    const kept = known.conditions.filter(({ type }) => !writes.some((write) => write.type === type));
    const written = writes.flatMap((write) => ('$patch' in write ? [] : [write]));
    return Promise.resolve(this.edit(node.name, { conditions: [...kept, ...written] }));
  }

  async *drain(
    node: ClusterNode,
    { deadline, onDeadline, deadlineMarginSeconds }: DrainOrder,
    signal: AbortSignal,
  ): AsyncGenerator<DrainProgress> {
    this.log.push(`drain ${node.name}`);
    const failure = this.failures.drain.shift();
    if (failure !== undefined) throw failure;
    const ended = Promise.withResolvers<ScriptedEnd>();
    const listener = onAbort(signal, () => ended.resolve({ outcome: 'cancelled', message: 'cancelled' }));
    const reports: DrainReport[] = [];
    let news = Promise.withResolvers<undefined>();
    const drain: ScriptedDrain = {
      node: node.name,
      deadline,
      onDeadline,
      deadlineMarginSeconds,
      signal,
      tell: (report) => {
        reports.push(report);
        news.resolve(undefined);
      },
      finish: (outcome = 'drained', message = 'all gone', reason) =>
        ended.resolve({ outcome, message, ...(reason === undefined ? {} : { reason }) }),
    };
    this.drains.push(drain);
    const common = { at: START, node: node.name };
    const pod = WEB;
    yield {
      ...common,
      type: 'planned',
      pods: this.isEmptied ? [] : [{ pod, decision: 'evict', reason: 'ordinary', group: 'ordinary', graceSeconds: 30 }],
      warnings: [],
      deadline: deadline.at,
    };
    let end: ScriptedEnd | undefined;
    void ended.promise.then((how) => {
      end = how;
      news.resolve(undefined);
    });
    while (end === undefined) {
      await news.promise;
      news = Promise.withResolvers();
      for (const report of reports.splice(0)) yield { ...common, ...report };
    }
    listener[Symbol.dispose]();
    const isEmpty = end.outcome === 'drained';
    const { ending = isEmpty ? 'evicted' : undefined } = drain;
    const accepted = ending === undefined || ending === 'nothing' ? {} : { ending };
    const left = isEmpty ? [] : [{ pod, state: 'blocked' as const, isInGrace: drain.isInGrace === true, ...accepted }];
    if (isEmpty && ending !== 'nothing') yield { ...common, type: 'gone', pod, ...accepted, podsLeft: 0 };
    yield {
      ...common,
      ...end,
      type: 'finished',
      ended: { ...NONE_ENDED, ...(accepted.ending === undefined ? {} : { [accepted.ending]: 1 }) },
      podsLeft: left.length,
      left,
      podsOutOfReach: 0,
      durationMs: 5,
      msToDeadline: deadline.at === undefined ? Infinity : 1,
      dryRun: false,
    };
  }

  look(node: ClusterNode): Promise<PodsLook> {
    this.log.push(`look ${node.name}`);
    const failure = this.failures.look.shift();
    return failure === undefined
      ? Promise.resolve(this.looks.shift() ?? { mustGo: 0, left: 0 })
      : Promise.reject(failure);
  }

  node(name: string): ClusterNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`the test knows no node ${name}`);
    return node;
  }
}
