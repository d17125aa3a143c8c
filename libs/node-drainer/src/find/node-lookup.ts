import type { FoundNode, NodeRef } from './found-node.ts';

/** Nodes by every name they answer to. */
export class NodeLookup {
  readonly #byName = new Map<string, FoundNode>();
  /** Host names, node names cut at the first dot, and instance ids; each may name several nodes for a while. */
  readonly #byHostname = new Map<string, Set<string>>();
  readonly #byShortName = new Map<string, Set<string>>();
  readonly #byInstance = new Map<string, Set<string>>();
  readonly #preferProviderId: boolean;

  constructor(preferProviderId: boolean) {
    this.#preferProviderId = preferProviderId;
  }

  get size(): number {
    return this.#byName.size;
  }

  nodes(): Iterable<FoundNode> {
    return this.#byName.values();
  }

  get(name: string): FoundNode | undefined {
    return this.#byName.get(name);
  }

  set(node: FoundNode): void {
    this.remove(node.name);
    this.#byName.set(node.name, node);
    for (const [map, key] of this.#keys(node)) {
      const names = map.get(key);
      if (names) names.add(node.name);
      else map.set(key, new Set([node.name]));
    }
  }

  remove(name: string): void {
    const node = this.#byName.get(name);
    if (node === undefined) return;
    this.#byName.delete(name);
    for (const [map, key] of this.#keys(node)) {
      const names = map.get(key);
      names?.delete(name);
      if (names?.size === 0) map.delete(key);
    }
  }

  /**
   * The node that a reference means. A name that fits a node of another instance than the reference names is not
   * taken: private addresses, and the host names made of them, repeat from network to network.
   */
  find(ref: NodeRef): FoundNode | undefined {
    const byInstance = () => (ref.instanceId === undefined ? undefined : this.#only(this.#byInstance, ref.instanceId));
    const byName = () => {
      const node = ref.name === undefined ? undefined : this.#named(ref.name);
      return node && isSameInstance(node, ref) ? node : undefined;
    };
    return this.#preferProviderId ? (byInstance() ?? byName()) : (byName() ?? byInstance());
  }

  #named(name: string): FoundNode | undefined {
    const exact = this.#byName.get(name) ?? this.#only(this.#byHostname, name);
    if (exact) return exact;
    // One side may be cut at the first dot; two whole names that differ are two hosts.
    const short = shortName(name);
    if (short === name) return this.#only(this.#byShortName, name);
    return this.#byName.get(short) ?? this.#only(this.#byHostname, short);
  }

  #only(map: ReadonlyMap<string, ReadonlySet<string>>, key: string): FoundNode | undefined {
    const names = map.get(key);
    if (names?.size !== 1) return undefined;
    const [name] = names;
    return name === undefined ? undefined : this.#byName.get(name);
  }

  #keys(node: FoundNode): [Map<string, Set<string>>, string][] {
    const keys: [Map<string, Set<string>>, string][] = [[this.#byShortName, shortName(node.name)]];
    if (node.hostname !== undefined) {
      keys.push([this.#byHostname, node.hostname], [this.#byShortName, shortName(node.hostname)]);
    }
    if (node.instanceId !== undefined) keys.push([this.#byInstance, node.instanceId]);
    return keys;
  }
}

/** Whether nothing speaks against the node being the reference's instance. */
export function isSameInstance(node: FoundNode, ref: NodeRef): boolean {
  return ref.instanceId === undefined || node.instanceId === undefined || node.instanceId === ref.instanceId;
}

function shortName(name: string): string {
  const dot = name.indexOf('.');
  return dot === -1 ? name : name.slice(0, dot);
}
