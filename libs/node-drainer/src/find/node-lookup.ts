import type { FoundNode, NodeRef } from './found-node.ts';
import { isOfCloud } from './found-node.ts';

/** Nodes by every name they answer to. */
export class NodeLookup {
  readonly #byName = new Map<string, FoundNode>();
  /** Host names, node names cut at the first dot, and instance ids; each may name several nodes. */
  readonly #byHostname = new Map<string, Set<string>>();
  readonly #byShortName = new Map<string, Set<string>>();
  /** By the instance id that the provider id holds: the identity. */
  readonly #byIdentity = new Map<string, Set<string>>();
  /** By the instance id that a node without such an identity is labelled or named with. */
  readonly #byHint = new Map<string, Set<string>>();

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
   * The node that a reference means, if there is one alone: of several that claim one instance, the one of the reference's name.
   *
   * @see {@link NodeLookup.findAll}
   */
  find(ref: NodeRef): FoundNode | undefined {
    const nodes = this.findAll(ref);
    return nodes.length > 1 ? nodes.find(({ name }) => name === ref.name) : nodes[0];
  }

  /**
   * All nodes that a reference may mean. The instance id in the provider id is the identity; names and labels, which a node's own kubelet
   * writes, count only where no node has it, and never for a node of another machine: private addresses, and the host names made of
   * them, repeat from network to network. Who claims an instance that is another's is among those found, and takes its place from nobody.
   */
  findAll({ name, instanceId }: NodeRef): readonly FoundNode[] {
    if (instanceId === undefined) {
      const node = name === undefined ? undefined : this.#byName.get(name);
      return node ? [node] : name === undefined ? [] : this.#named(name);
    }
    const identified = this.#all(this.#byIdentity, instanceId);
    if (identified.length > 0) return identified;
    const named = name === undefined ? [] : this.#named(name).filter((node) => isSameInstance(node, { instanceId }));
    return [...new Set([...named, ...this.#all(this.#byHint, instanceId)])];
  }

  #named(name: string): readonly FoundNode[] {
    const node = this.#byName.get(name);
    const whole = [...new Set([...(node ? [node] : []), ...this.#all(this.#byHostname, name)])];
    if (whole.length > 0) return whole;
    // One side may be cut at the first dot; two whole names that differ are two hosts.
    const short = shortName(name);
    const cut =
      short === name
        ? this.#only(this.#byShortName, name)
        : (this.#byName.get(short) ?? this.#only(this.#byHostname, short));
    return cut ? [cut] : [];
  }

  #all(map: ReadonlyMap<string, ReadonlySet<string>>, key: string): readonly FoundNode[] {
    return [...(map.get(key) ?? [])].flatMap((name) => this.#byName.get(name) ?? []);
  }

  #only(map: ReadonlyMap<string, ReadonlySet<string>>, key: string): FoundNode | undefined {
    const nodes = this.#all(map, key);
    return nodes.length === 1 ? nodes[0] : undefined;
  }

  #keys(node: FoundNode): [Map<string, Set<string>>, string][] {
    const keys: [Map<string, Set<string>>, string][] = [[this.#byShortName, shortName(node.name)]];
    if (node.hostname !== undefined) {
      keys.push([this.#byHostname, node.hostname], [this.#byShortName, shortName(node.hostname)]);
    }
    if (node.instanceId !== undefined)
      keys.push([isIdentified(node) ? this.#byIdentity : this.#byHint, node.instanceId]);
    return keys;
  }
}

/** Whether a node, found by a name, may be the reference's instance: it is known to be, or nothing tells what machine it is. */
export function isSameInstance(node: FoundNode, { instanceId }: Pick<NodeRef, 'instanceId'>): boolean {
  if (instanceId === undefined || node.instanceId === instanceId) return true;
  return node.instanceId === undefined && !isIdentified(node);
}

function isIdentified({ providerId }: FoundNode): boolean {
  return providerId !== undefined && isOfCloud(providerId);
}

function shortName(name: string): string {
  const dot = name.indexOf('.');
  return dot === -1 ? name : name.slice(0, dot);
}
