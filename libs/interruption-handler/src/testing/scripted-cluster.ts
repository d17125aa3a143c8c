import { onAbort } from '@node-termination-handler/clock';
import type { Deadline } from '@node-termination-handler/clock';
import type { DrainFinished, DrainProgress } from '@node-termination-handler/node-drainer';
import { CLAIM_ANNOTATION, writeClaim } from '../claim.ts';
import type { ClaimRecord } from '../claim.ts';
import type { Cluster, ClusterMark, ClusterMarked, ClusterNode, NodeTarget } from '../cluster/cluster.ts';
import { START } from './events.ts';

/** A drain that runs until the test ends it. */
export interface ScriptedDrain {
  readonly node: string;
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
  finish(outcome?: 'drained' | 'failed', message?: string): void;
}

/** A cluster of plain objects: it records what is asked of it, and answers as the test says. */
export class ScriptedCluster implements Cluster {
  readonly nodes = new Map<string, ClusterNode>();
  readonly log: string[] = [];
  readonly marks: { node: string; mark: ClusterMark }[] = [];
  readonly drains: ScriptedDrain[] = [];
  /** Failures that the next calls of a step end with. */
  readonly failures: { find: Error[]; mark: Error[]; restore: Error[] } = { find: [], mark: [], restore: [] };
  /** Runs before a mark is applied; tests hold marks up with it. */
  beforeMark: () => Promise<void> = () => Promise.resolve();

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
      bootId: '',
      ...more,
    };
    this.nodes.set(name, node);
    return node;
  }

  claim(name: string, record: ClaimRecord | undefined): void {
    const node = this.#node(name);
    const { [CLAIM_ANNOTATION]: _old, ...annotations } = node.annotations;
    this.nodes.set(name, {
      ...node,
      annotations: record === undefined ? annotations : { ...annotations, [CLAIM_ANNOTATION]: writeClaim(record) },
    });
  }

  find({ name, instanceId }: NodeTarget): Promise<ClusterNode | undefined> {
    const failure = this.failures.find.shift();
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(this.nodes.values().find((node) => node.name === name || node.instanceId === instanceId));
  }

  async mark(node: ClusterNode, mark: ClusterMark): Promise<ClusterMarked> {
    await this.beforeMark();
    const failure = this.failures.mark.shift();
    if (failure !== undefined) throw failure;
    const now = this.nodes.get(node.name);
    if (now?.uid !== node.uid) return { status: 'node-gone' };
    if (mark.claim !== undefined && now.annotations[CLAIM_ANNOTATION] !== node.annotations[CLAIM_ANNOTATION]) {
      return { status: 'claim-lost', node: now };
    }
    this.log.push(`mark ${node.name}`);
    this.marks.push({ node: node.name, mark });
    this.nodes.set(node.name, { ...now, unschedulable: true });
    if (mark.claim !== undefined) this.claim(node.name, mark.claim);
    return { status: 'marked', changed: true, cordonedByUs: !now.unschedulable, node: this.#node(node.name) };
  }

  async *drain(node: ClusterNode, deadline: Deadline, signal: AbortSignal): AsyncGenerator<DrainProgress> {
    this.log.push(`drain ${node.name}`);
    const ended = Promise.withResolvers<Pick<DrainFinished, 'outcome' | 'message'>>();
    const listener = onAbort(signal, () => ended.resolve({ outcome: 'cancelled', message: 'cancelled' }));
    this.drains.push({
      node: node.name,
      deadline,
      signal,
      finish: (outcome = 'drained', message = 'all gone') => ended.resolve({ outcome, message }),
    });
    const common = { at: START, node: node.name };
    const pod = { namespace: 'default', name: 'web-1', uid: 'pod-1' };
    yield {
      ...common,
      type: 'planned',
      pods: [{ pod, decision: 'evict', reason: 'ordinary', graceSeconds: 30 }],
      warnings: [],
      deadline: deadline.at,
    };
    const end = await ended.promise;
    listener[Symbol.dispose]();
    const left = end.outcome === 'drained' ? [] : [{ pod, state: 'blocked' as const }];
    yield {
      ...common,
      ...end,
      type: 'finished',
      podsEvicted: 1 - left.length,
      podsHurried: 0,
      podsDeletedPastRefusal: 0,
      podsDeleted: 0,
      podsLeft: left.length,
      left,
      podsOutOfReach: 0,
      durationMs: 5,
      msToDeadline: 1,
      dryRun: false,
    };
  }

  writeClaim(node: ClusterNode, claim: ClaimRecord | undefined): Promise<ClusterNode> {
    this.log.push(`claim ${node.name} ${claim?.state ?? 'none'}`);
    this.claim(node.name, claim);
    return Promise.resolve(this.#node(node.name));
  }

  markOutOfService(node: ClusterNode): Promise<void> {
    this.log.push(`out-of-service ${node.name}`);
    return Promise.resolve();
  }

  restore(node: ClusterNode, uncordon: boolean): Promise<void> {
    const failure = this.failures.restore.shift();
    if (failure !== undefined) return Promise.reject(failure);
    this.log.push(`restore ${node.name}${uncordon ? ' and uncordon' : ''}`);
    this.nodes.set(node.name, { ...this.#node(node.name), unschedulable: !uncordon });
    return Promise.resolve();
  }

  #node(name: string): ClusterNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`the test knows no node ${name}`);
    return node;
  }
}
