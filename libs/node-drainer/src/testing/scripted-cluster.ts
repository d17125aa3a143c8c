import { sleep } from '@node-termination-handler/clock';
import { KubernetesApiError, KubernetesConnectionError } from '../connection/errors.ts';
import type { ApiCall, KubernetesClient, WatchCall, WatchEvent } from '../connection/client.ts';
import type { Node, Pod, Status } from '../connection/wire.ts';
import { createChannel } from '../drain/channel.ts';
import type { JsonPatch } from '../mark/patch.ts';
import type { Clock } from '@node-termination-handler/clock';
import { applyJsonPatch, PatchFailed } from './apply-json-patch.ts';
import type { NodeShape, PodShape } from './objects.ts';
import { aNode, aPod } from './objects.ts';

type Answer = (call: ApiCall) => unknown;
type Tell = (event: WatchEvent<unknown> | Error) => void;
/** How a watch ends that was to begin with what there is, or that it says nothing more; nothing, where the state follows. */
type StateAnswer = (call: WatchCall, tell: Tell) => Error | 'end' | 'silence' | undefined;

interface Watcher {
  readonly call: WatchCall;
  readonly channel: ReturnType<typeof createChannel<WatchEvent<unknown> | Error>>;
}

/** A refusal as the API server words it. */
export function refusal(call: ApiCall | WatchCall, code: number, status: Partial<Status> = {}): KubernetesApiError {
  return new KubernetesApiError({ verb: 'watch', ...call }, code, { code, ...status });
}

/** The 429 of a budget. */
export function budgetRefusal(call: ApiCall, budget = 'web'): KubernetesApiError {
  return refusal(call, 429, {
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budget} needs 3 healthy pods and has 3 currently`,
        },
      ],
    },
  });
}

/** The 403 of the authorizer. */
export function missingRight(call: ApiCall | WatchCall): KubernetesApiError {
  const what = call.subresource === undefined ? call.resource : `${call.resource}/${call.subresource}`;
  const verb = 'verb' in call ? call.verb : 'watch';
  const message = `${call.resource} "${call.name ?? ''}" is forbidden: User "nth" cannot ${verb} resource "${what}" in API group ""`;
  return refusal(call, 403, { reason: 'Forbidden', message });
}

/** The refusal of an admission webhook. */
export const deniedBy =
  (name: string, code: number, more: Partial<Status> = {}) =>
  (call: ApiCall) =>
    refusal(call, code, { message: `admission webhook "${name}" denied the request: not now`, ...more });

/** An answer that never comes, as far as the client waits. */
export const hang = (clock: Clock) => async (call: ApiCall) => {
  await sleep(clock, call.deadlineMs ?? Infinity, call.signal);
  return new KubernetesConnectionError(`no answer within ${call.deadlineMs} ms`);
};

/** The 404 of an object that is not there. */
export function notFound(call: ApiCall): KubernetesApiError {
  const { name = '', resource: kind } = call;
  return refusal(call, 404, { reason: 'NotFound', message: `${kind} "${name}" not found`, details: { name, kind } });
}

/** A small cluster in memory, behind the client's own interface: what a drain sees, and a script for what goes wrong. */
export class ScriptedCluster implements KubernetesClient {
  readonly calls: ApiCall[] = [];
  readonly watches: WatchCall[] = [];
  /** Open watches say nothing of what happens meanwhile. */
  isSilent = false;
  readonly pods = new Map<string, Pod>();
  readonly nodes = new Map<string, Node>();
  /** Disruption budgets, by their names. */
  readonly budgets = new Map<string, Budget>();
  /** Names of DaemonSets that are gone; all others are there. */
  readonly goneDaemonSets = new Set<string>();
  readonly #clock: Clock;
  readonly #endsAfterMs = new Map<string, number>();
  readonly #watchers = new Set<Watcher>();
  #stateScript: { readonly answer: StateAnswer; left: number } | undefined;
  readonly #script: { matches: (call: ApiCall) => boolean; answer: Answer; left: number }[] = [];
  /** What watches were told, for those that go on from an earlier moment. */
  readonly #told: { readonly resource: string; readonly event: WatchEvent<Stored> }[] = [];
  #revision = 100;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts a pod on its node; it ends so long after it was told to, or when its grace is over. */
  addPod(shape: PodShape & { endsAfterMs?: number } = {}): Pod {
    const pod = aPod(shape);
    pod.metadata!.resourceVersion = this.#next();
    this.pods.set(pod.metadata!.uid!, pod);
    this.#endsAfterMs.set(pod.metadata!.uid!, shape.endsAfterMs ?? 100);
    this.#tell('pods', { type: 'ADDED', object: pod });
    return pod;
  }

  changePod(uid: string, change: (pod: Pod) => void): void {
    const pod = structuredClone(this.pods.get(uid)!);
    change(pod);
    pod.metadata!.resourceVersion = this.#next();
    this.pods.set(uid, pod);
    this.#tell('pods', { type: 'MODIFIED', object: pod });
  }

  removePod(uid: string, isTold = true): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    this.pods.delete(uid);
    const last = structuredClone(pod);
    last.metadata!.resourceVersion = this.#next();
    if (isTold) this.#tell('pods', { type: 'DELETED', object: last });
  }

  /** Puts a disruption budget there that lets so many pods go now. */
  putBudget(name: string, disruptionsAllowed: number): void {
    const metadata = { namespace: 'default', name, resourceVersion: this.#next() };
    const budget: Budget = { metadata, status: { disruptionsAllowed } };
    const type = this.budgets.has(name) ? 'MODIFIED' : 'ADDED';
    this.budgets.set(name, budget);
    this.#tell('poddisruptionbudgets', { type, object: budget });
  }

  removeBudget(name: string): void {
    const budget = this.budgets.get(name);
    this.budgets.delete(name);
    if (budget) this.#tell('poddisruptionbudgets', { type: 'DELETED', object: budget });
  }

  putNode(shape: NodeShape = {}): Node {
    const node = aNode({ resourceVersion: this.#next(), ...shape });
    const type = this.nodes.has(node.metadata!.name!) ? 'MODIFIED' : 'ADDED';
    this.nodes.set(node.metadata!.name!, node);
    this.#tell('nodes', { type, object: node });
    return node;
  }

  removeNode(name: string): void {
    const node = this.nodes.get(name);
    this.nodes.delete(name);
    if (node) this.#tell('nodes', { type: 'DELETED', object: node });
  }

  /** The next `times` calls that match are answered so. */
  script(matches: (call: ApiCall) => boolean, answer: Answer, times = Infinity): void {
    this.#script.push({ matches, answer, left: times });
  }

  /** The next `times` watches that are to begin with what there is are answered so. */
  scriptState(answer: StateAnswer, times = Infinity): void {
    this.#stateScript = { answer, left: times };
  }

  /** Ends every open watch: quietly, or with an error. */
  dropWatches(error?: Error): void {
    for (const { channel } of this.#watchers) {
      if (error) channel.push(error);
      channel.end();
    }
    this.#watchers.clear();
  }

  /** Keeps the state as it is; the answer brings it back, resource versions and all, and every watch breaks. */
  keepState(): () => void {
    const [pods, nodes, revision, told] = [new Map(this.pods), new Map(this.nodes), this.#revision, this.#told.length];
    const bringBack = <T>(to: Map<string, T>, from: ReadonlyMap<string, T>) => {
      to.clear();
      for (const [key, value] of from) to.set(key, value);
    };
    return () => {
      bringBack(this.pods, pods);
      bringBack(this.nodes, nodes);
      this.#revision = revision;
      this.#told.length = told;
      this.dropWatches(new KubernetesConnectionError('reset'));
    };
  }

  /** Sends a bookmark to every open watch. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: this.#next() } };
    for (const { channel } of this.#watchers) channel.push({ type: 'BOOKMARK', object });
  }

  get openWatches(): number {
    return this.#watchers.size;
  }

  count(verb: string, subresource?: string): number {
    return this.calls.filter((call) => call.verb === verb && call.subresource === subresource).length;
  }

  async request<T>(call: ApiCall): Promise<T> {
    call.signal?.throwIfAborted();
    this.calls.push(call);
    await Promise.resolve();
    const scripted = this.#script.find(({ matches, left }) => left > 0 && matches(call));
    if (scripted) {
      scripted.left -= 1;
      const result = await scripted.answer(call);
      call.signal?.throwIfAborted();
      if (result instanceof Error) throw result;
      if (result !== undefined) return result as T;
    }
    return this.#answer(call) as T;
  }

  async *watch<T>(call: WatchCall): AsyncGenerator<WatchEvent<T>> {
    call.signal?.throwIfAborted();
    this.watches.push(call);
    const channel = createChannel<WatchEvent<unknown> | Error>();
    const watcher = { call, channel };
    const tellsState = call.query?.sendInitialEvents === true;
    if (tellsState && this.#tellState(call, (event) => channel.push(event)) === 'end') return;
    for (const { resource, event } of this.#told) {
      const isNews =
        !tellsState &&
        call.resourceVersion !== undefined &&
        Number(event.object.metadata?.resourceVersion) > Number(call.resourceVersion);
      if (isNews && call.resource === resource && isSelected(call.fieldSelector, event.object)) channel.push(event);
    }
    this.#watchers.add(watcher);
    const onAbort = () => {
      channel.push(call.signal?.reason as Error);
      channel.end();
    };
    call.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const event of channel) {
        if (event instanceof Error) throw event;
        yield event as WatchEvent<T>;
      }
    } finally {
      call.signal?.removeEventListener('abort', onAbort);
      this.#watchers.delete(watcher);
    }
  }

  /** All that a watch selects, and the bookmark that ends it. */
  #tellState(call: WatchCall, tell: Tell): 'end' | undefined {
    if (this.#stateScript !== undefined && this.#stateScript.left > 0) {
      this.#stateScript.left -= 1;
      const end = this.#stateScript.answer(call, tell);
      if (end instanceof Error) tell(end);
      if (end !== undefined) return end === 'end' ? end : undefined;
    }
    const all = { pods: this.pods, nodes: this.nodes, poddisruptionbudgets: this.budgets }[call.resource];
    for (const object of all?.values() ?? [])
      if (isSelected(call.fieldSelector, object)) tell({ type: 'ADDED', object });
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    tell({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#revision), annotations } } });
    return undefined;
  }

  close(): void {
    this.dropWatches(new KubernetesConnectionError('the client is closed'));
  }

  #answer(call: ApiCall): unknown {
    if (call.resource === 'nodes') return this.#nodeAnswer(call);
    if (call.resource === 'daemonsets' && !this.goneDaemonSets.has(call.name ?? '')) return { metadata: { uid: 'o' } };
    if (call.resource === 'poddisruptionbudgets')
      return { metadata: { resourceVersion: String(this.#revision) }, items: [...this.budgets.values()] };
    if (call.resource !== 'pods') throw notFound(call);
    if (call.verb === 'list') {
      const items = [...this.pods.values()].filter((pod) => isSelected(call.query?.fieldSelector, pod));
      return { metadata: { resourceVersion: String(this.#revision) }, items };
    }
    const pod = [...this.pods.values()].find(
      ({ metadata }) => metadata!.name === call.name && metadata!.namespace === call.namespace,
    );
    if (pod === undefined) throw notFound(call);
    if (call.verb === 'get') return structuredClone(pod);
    if (call.verb === 'patch') return this.#patchStatus(call, pod);
    const body = call.body as { deleteOptions?: DeleteOptions } & DeleteOptions;
    return this.#terminate(call, pod, body.deleteOptions ?? body);
  }

  #patchStatus(call: ApiCall, pod: Pod): unknown {
    this.changePod(pod.metadata!.uid!, (known) => mergeConditions(call, known));
    return this.pods.get(pod.metadata!.uid!);
  }

  #terminate(call: ApiCall, pod: Pod, options: DeleteOptions): unknown {
    const uid = pod.metadata!.uid!;
    if (options.preconditions?.uid !== undefined && options.preconditions.uid !== uid) {
      throw refusal(call, 409, { reason: 'Conflict', message: 'Precondition failed: UID in precondition' });
    }
    const grace = options.gracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
    const endMs = this.#clock.now() + Math.min(grace * 1000, this.#endsAfterMs.get(uid) ?? 0);
    this.changePod(uid, ({ metadata }) => {
      metadata!.deletionTimestamp = new Date(this.#clock.now() + grace * 1000).toISOString();
    });
    void sleep(this.#clock, endMs - this.#clock.now()).then(() => this.removePod(uid));
    return { kind: 'Status', status: 'Success' };
  }

  #nodeAnswer(call: ApiCall): unknown {
    if (call.verb === 'list') {
      const limit = Number(call.query?.limit ?? Infinity);
      const start = Number(call.query?.continue ?? 0);
      const all = [...this.nodes.values()].filter((node) => isSelected(call.query?.fieldSelector, node));
      const next = start + limit < all.length ? String(start + limit) : undefined;
      return {
        metadata: { resourceVersion: String(this.#revision), continue: next },
        items: all.slice(start, start + limit),
      };
    }
    const node = this.nodes.get(call.name ?? '');
    if (node === undefined) throw notFound(call);
    if (call.verb === 'get') return structuredClone(node);
    if (call.subresource === 'status') {
      const patched = structuredClone(node);
      mergeConditions(call, patched);
      return structuredClone(this.#putPatched(patched));
    }
    try {
      const patched = applyJsonPatch(node, call.body as JsonPatch);
      return structuredClone(this.#putPatched(patched));
    } catch (error) {
      if (!(error instanceof PatchFailed)) throw error;
      throw refusal(call, 422, { reason: 'Invalid', message: error.message });
    }
  }

  #putPatched(node: Node): Node {
    node.metadata!.resourceVersion = this.#next();
    this.nodes.set(node.metadata!.name!, node);
    this.#tell('nodes', { type: 'MODIFIED', object: node });
    return node;
  }

  #tell(resource: string, event: WatchEvent<Stored>): void {
    this.#told.push({ resource, event });
    if (this.isSilent) return;
    for (const { call, channel } of this.#watchers) {
      if (call.resource === resource && isSelected(call.fieldSelector, event.object)) channel.push(event);
    }
  }

  #next(): string {
    this.#revision += 1;
    return String(this.#revision);
  }
}

/** A strategic merge of conditions into an object, as the server does it. */
function mergeConditions(call: ApiCall, object: Pod | Node): void {
  const { metadata, status } = call.body as { metadata?: Pod['metadata']; status?: { conditions?: MergedCondition[] } };
  const { uid, resourceVersion } = object.metadata!;
  if (metadata?.uid !== uid || (metadata?.resourceVersion ?? resourceVersion) !== resourceVersion)
    throw refusal(call, 409, { reason: 'Conflict', message: 'Precondition failed' });
  const written = status?.conditions ?? [];
  const known: MergedCondition[] = object.status?.conditions ?? [];
  const kept = known.filter(({ type }) => !written.some((other) => other.type === type));
  const conditions = [...kept, ...written.filter(({ $patch }) => $patch !== 'delete')];
  object.status = { ...object.status, conditions };
}

interface MergedCondition {
  type: string;
  status: string;
  $patch?: string;
}

/** The part of a disruption budget that tests need. */
interface Budget {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
  readonly spec?: undefined;
  readonly status: { readonly disruptionsAllowed: number };
}

type Stored = Pod | Node | Budget;

interface DeleteOptions {
  preconditions?: { uid?: string };
  gracePeriodSeconds?: number;
}

function isSelected(selector: unknown, { metadata, spec }: Stored): boolean {
  const nodeName = spec !== undefined && 'nodeName' in spec ? spec.nodeName : undefined;
  const fields = [`spec.nodeName=${nodeName ?? ''}`, `metadata.name=${metadata?.name ?? ''}`];
  return typeof selector !== 'string' || fields.includes(selector);
}
