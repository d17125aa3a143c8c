import type { ApiCall, KubernetesClient, Node, WatchEvent } from '@node-termination-handler/node-drainer';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';

/** A client that answers from memory: one node, no pods, and every call recorded. */
export class MemoryClient implements KubernetesClient {
  readonly calls: ApiCall[] = [];
  node: Node;
  /** Failures that the next calls of a verb end with. */
  readonly failures: Partial<Record<ApiCall['verb'], Error[]>> = {};

  constructor(node: Node) {
    this.node = node;
  }

  request<T>(call: ApiCall): Promise<T> {
    this.calls.push(call);
    const failure = this.failures[call.verb]?.shift();
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(this.#answer(call) as T);
  }

  async *watch<T>(): AsyncGenerator<WatchEvent<T>> {
    // Nothing ever changes.
  }

  close(): void {
    // Nothing is open.
  }

  #answer(call: ApiCall): unknown {
    if (call.resource !== 'nodes') return call.verb === 'list' ? { metadata: { resourceVersion: '1' }, items: [] } : {};
    if (call.verb === 'list') return { metadata: { resourceVersion: '1' }, items: [this.node] };
    if (call.name !== this.node.metadata?.name) throw new KubernetesApiError(call, 404, { reason: 'NotFound' });
    // What the server merges is not looked at here.
    if (call.subresource === 'status') return this.node;
    if (call.verb === 'patch') this.node = patched(this.node, call.body as readonly Operation[]);
    return this.node;
  }
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Applies the few operations that marking a node uses. */
function patched(node: Node, operations: readonly Operation[]): Node {
  const copy = structuredClone(node) as Record<string, unknown>;
  for (const { op, path, value } of operations) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let parent = copy;
    for (const key of keys) parent = (parent[key] ??= {}) as Record<string, unknown>;
    if (op === 'remove') Reflect.deleteProperty(parent, last);
    else if (op !== 'test' && Array.isArray(parent)) parent.push(value);
    else if (op !== 'test') parent[last] = value;
  }
  return copy;
}
