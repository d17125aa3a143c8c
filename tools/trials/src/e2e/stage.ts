import { randomBytes } from 'node:crypto';
import { createApiClient } from '@node-termination-handler/control-plane';
import { startAws } from '@node-termination-handler/sandbox';
import type { AwsSimulator } from '@node-termination-handler/sandbox';
import { createKube } from '../kube.ts';
import type { EventObject, Kube, NodeObject, PodObject } from '../kube.ts';
import { eventually } from '../wait.ts';
import { createSceneNode } from './scene-node.ts';
import type { SceneNode, SceneNodeOptions } from './scene-node.ts';
import { createJob, createPod, createWorkload } from './workloads.ts';
import type { JobWorkload, Place, PodTraits, Workload, WorkloadKind } from './workloads.ts';
import type { World } from './world.ts';

/** How long a scenario waits for one thing. */
export const PATIENCE_MS = 45_000;

/** A place of its own in the world: a namespace, and an AWS account. */
export interface StagePlace {
  readonly world: World;
  readonly id: string;
  readonly namespace: string;
  readonly aws: AwsSimulator;
  /** What ends with the scenario. */
  readonly stack: AsyncDisposableStack;
}

/** Opens a place; what it opens goes on the stack. */
export async function openPlace(world: World, stack: AsyncDisposableStack): Promise<StagePlace> {
  const { kube } = world;
  const id = randomBytes(4).toString('hex');
  const namespace = `scene-${id}`;
  await kube.create('/api/v1/namespaces', 'Namespace', { metadata: { name: namespace } });
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await eventually('the default service account', () => kube.find(account), PATIENCE_MS);
  return { world, id, namespace, aws: stack.use(await startAws()), stack };
}

/** The nodes and pods of a scenario in the real cluster. */
export class Stage implements AsyncDisposable {
  readonly world: World;
  readonly id: string;
  readonly namespace: string;
  readonly aws: AwsSimulator;
  readonly nodes: SceneNode[] = [];
  readonly #stack: AsyncDisposableStack;
  readonly #place: Place;

  constructor({ world, id, namespace, aws, stack }: StagePlace) {
    this.world = world;
    this.id = id;
    this.namespace = namespace;
    this.aws = aws;
    this.#stack = stack;
    this.#place = { kube: world.kube, namespace, nodeSelector: { 'e2e/scene': id } };
  }

  get kube(): Kube {
    return this.world.kube;
  }

  /** Something that ends with the scenario. */
  use<T extends AsyncDisposable>(resource: T): T {
    return this.#stack.use(resource);
  }

  async node(options: SceneNodeOptions = {}): Promise<SceneNode> {
    const node = await createSceneNode(this.kube, this.aws, this.#place.nodeSelector, options);
    this.nodes.push(node);
    return node;
  }
  /** The cluster with the rights of somebody else than the administrator. */
  as(user: string, group: string): Kube {
    const { url, caPem, adminToken: token } = this.world.plane;
    const api = createApiClient({ url, caPem, token, as: { user, group } });
    this.#stack.defer(() => api.close());
    return createKube(api);
  }
  /** The cluster with the rights of whoever holds a token. */
  withToken(token: string): Kube {
    const { url, caPem } = this.world.plane;
    const api = createApiClient({ url, caPem, token });
    this.#stack.defer(() => api.close());
    return createKube(api);
  }
  /**
   * The cluster with the rights of a node's own kubelet, as the Node authorizer and the NodeRestriction admission give them.
   *
   * @see https://kubernetes.io/docs/reference/access-authn-authz/node/
   */
  kubelet({ name }: SceneNode): Kube {
    return this.as(`system:node:${name}`, 'system:nodes');
  }
  /** A controller whose pods all run; on the nodes that are there now. */
  async #workload(kind: WorkloadKind, name: string, traits: PodTraits, count: number): Promise<Workload> {
    const workload = await createWorkload(this.#place, kind, name, traits, count);
    await this.untilRunning(workload, count);
    return workload;
  }
  deployment(name: string, { replicas = 1, ...traits }: PodTraits & { readonly replicas?: number } = {}) {
    return this.#workload('Deployment', name, traits, replicas);
  }
  statefulSet(name: string, { replicas = 1, ...traits }: PodTraits & { readonly replicas?: number } = {}) {
    return this.#workload('StatefulSet', name, traits, replicas);
  }
  daemonSet(name: string, traits: PodTraits = {}) {
    return this.#workload('DaemonSet', name, traits, this.nodes.length);
  }
  async job(name: string, traits: PodTraits = {}): Promise<JobWorkload> {
    const job = await createJob(this.#place, name, traits);
    await this.untilRunning(job, 1);
    return job;
  }
  async pod(name: string, node: SceneNode, traits: PodTraits = {}, owner?: Parameters<typeof createPod>[4]) {
    const pod = await createPod(this.#place, name, node.name, traits, owner);
    const phase = traits.completes === true ? 'Succeeded' : 'Running';
    const look = async () => (await this.kube.get<PodObject>(this.podPath(name))).status?.phase === phase;
    await this.eventually(`${name} to be ${phase}`, look);
    return pod;
  }
  /** A pod that stays when it was told to end, until it is let go by the function that comes back. */
  async stuckPod(name: string, node: SceneNode): Promise<() => Promise<unknown>> {
    await this.pod(name, node, { finalizers: ['example.com/hold'], graceSeconds: 1 });
    return () => this.kube.patch(this.podPath(name), { metadata: { finalizers: null } });
  }
  async budget(
    name: string,
    workload: Pick<Workload, 'labels'>,
    limit: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const path = `/apis/policy/v1/namespaces/${this.namespace}/poddisruptionbudgets`;
    const spec = { selector: { matchLabels: workload.labels }, ...limit };
    await this.kube.create(path, 'PodDisruptionBudget', { metadata: { name }, spec });
    await this.eventually(`budget ${name} to be worked out`, async () => {
      const { status } = await this.kube.get<{ status?: { observedGeneration?: number } }>(`${path}/${name}`);
      return status?.observedGeneration !== undefined;
    });
    return `${path}/${name}`;
  }
  podPath(name: string): string {
    return `/api/v1/namespaces/${this.namespace}/pods/${name}`;
  }
  /** Waits until a look says true. */
  async eventually(what: string, look: () => boolean | Promise<boolean>, timeoutMs = PATIENCE_MS): Promise<void> {
    await eventually(what, look, timeoutMs);
  }
  /** The node's host has started again: its kubelet tells of another boot. */
  async boot(node: SceneNode): Promise<void> {
    const nodeInfo = { bootID: `boot-${randomBytes(8).toString('hex')}` };
    await this.kube.patch(`/api/v1/nodes/${node.name}/status`, { status: { nodeInfo } });
  }
  /** The node's kubelet falls silent for good: its pods neither start nor end, and the control plane loses the node. */
  async silence({ name }: SceneNode): Promise<void> {
    const path = `/api/v1/nodes/${name}`;
    await this.kube.patch(path, { metadata: { annotations: { 'control-plane/not-ready': 'true' } } });
    // What plays the kubelets keeps its hands off a node whose Lease is another's.
    const held = {
      holderIdentity: 'nobody',
      leaseDurationSeconds: 3600,
      renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
    };
    await this.kube.patch(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`, { spec: held });
    const { status } = await this.kube.get<NodeObject>(path);
    const conditions = status?.conditions?.map((one) => (one.type === 'Ready' ? { ...one, status: 'Unknown' } : one));
    await this.kube.patch(`${path}/status`, { status: { conditions } });
  }
  nodeNow(node: SceneNode): Promise<NodeObject> {
    return this.kube.get(`/api/v1/nodes/${node.name}`);
  }
  /** Everything on the node, without DaemonSet and mirror pods unless asked for. */
  async podsOn(node: SceneNode, options: { readonly all?: boolean } = {}): Promise<readonly PodObject[]> {
    const fieldSelector = `spec.nodeName=${node.name}`;
    const pods = await this.kube.list<PodObject>('/api/v1/pods', { fieldSelector });
    if (options.all === true) return pods;
    const stays = ({ metadata }: PodObject) =>
      metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true ||
      metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    return pods.filter((pod) => !stays(pod));
  }
  async untilRunning(workload: Workload, count: number): Promise<void> {
    await this.eventually(`${count} pods of ${workload.name} to run`, async () => {
      const pods = await workload.pods();
      const isRunning = ({ metadata, status }: PodObject) =>
        status?.phase === 'Running' && metadata.deletionTimestamp === undefined;
      return pods.filter(isRunning).length === count;
    });
  }
  async #isCordoned(node: SceneNode): Promise<boolean> {
    return (await this.nodeNow(node)).spec.unschedulable === true;
  }
  untilCordoned(node: SceneNode, timeoutMs?: number): Promise<void> {
    return this.eventually(`${node.name} to be cordoned`, () => this.#isCordoned(node), timeoutMs);
  }
  untilSchedulable(node: SceneNode): Promise<void> {
    return this.eventually(`${node.name} to be schedulable`, async () => !(await this.#isCordoned(node)));
  }
  /** Cordoned, and nothing left that a drain takes away. */
  untilDrained(node: SceneNode, timeoutMs?: number): Promise<void> {
    const look = async () => (await this.#isCordoned(node)) && (await this.podsOn(node)).length === 0;
    return this.eventually(`${node.name} to be drained`, look, timeoutMs);
  }
  /** Events about a node. */
  eventsOf(node: SceneNode): Promise<readonly EventObject[]> {
    const fieldSelector = `involvedObject.kind=Node,involvedObject.name=${node.name}`;
    return this.kube.list('/api/v1/namespaces/default/events', { fieldSelector });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** @throws Error where there is none */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
