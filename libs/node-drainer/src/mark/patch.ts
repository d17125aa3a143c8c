import type { FoundNode } from '../find/found-node.ts';
import type { NodeMark, NodeUnmark } from './marks.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE, OWN_LABELS, OWN_TAINTS } from './marks.ts';

/** One operation of a JSON Patch. See https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  { op: 'test' | 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/** A JSON Patch: all operations apply, or none. */
export type JsonPatch = readonly JsonPatchOperation[];

/**
 * The one patch that puts a mark on a node as it is known: what is there already is left alone, and a patch with
 * nothing to write is empty. Pure: the same node and mark give the same patch.
 */
export function buildMarkPatch(node: FoundNode, mark: NodeMark): JsonPatch {
  const patch = new PatchBuilder(node);
  for (const [key, value] of Object.entries(mark.expectAnnotations ?? {})) {
    patch.expectEntry('annotations', key, value);
  }
  if (mark.labelsIfSchedulable && Object.keys(mark.labelsIfSchedulable).length > 0) patch.expectSchedulability();
  if (mark.cordon) patch.setUnschedulable(true);
  const { taint } = mark;
  if (taint && !node.taints.some(({ key }) => key === taint.key)) patch.addTaint(taint);
  for (const [key, value] of Object.entries(labelsOf(node, mark))) patch.setEntry('labels', key, value);
  if (mark.excludeFromLoadBalancers && !Object.hasOwn(node.labels, LOAD_BALANCER_LABEL)) {
    patch.expectEntry('labels', LOAD_BALANCER_LABEL, null);
    patch.setEntry('labels', LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE);
  }
  for (const [key, value] of Object.entries(mark.annotations ?? {})) patch.setEntry('annotations', key, value);
  return patch.build();
}

function labelsOf(node: FoundNode, mark: NodeMark): Readonly<Record<string, string>> {
  return node.unschedulable ? { ...mark.labels } : { ...mark.labels, ...mark.labelsIfSchedulable };
}

/**
 * The one patch that takes this program's marks off a node and leaves everybody else's: the load-balancer label goes
 * only when its value is this program's. Empty when there is nothing to take off.
 */
export function buildUnmarkPatch(node: FoundNode, unmark: NodeUnmark): JsonPatch {
  const patch = new PatchBuilder(node);
  for (const [key, value] of Object.entries(unmark.expectAnnotations ?? {})) {
    patch.expectEntry('annotations', key, value);
  }
  if (unmark.uncordon) patch.setUnschedulable(false);
  patch.removeTaints(new Set(unmark.taints ?? Object.values(OWN_TAINTS)));
  for (const key of unmark.labels ?? Object.values(OWN_LABELS)) patch.setEntry('labels', key, null);
  if (node.labels[LOAD_BALANCER_LABEL] === LOAD_BALANCER_VALUE) patch.setEntry('labels', LOAD_BALANCER_LABEL, null);
  for (const [key, value] of Object.entries(unmark.annotations ?? {})) patch.setEntry('annotations', key, value);
  return patch.build();
}

/**
 * Collects the operations of one patch. Whatever a decision rests on is tested in the same patch, so that it applies
 * to the node as it was known or not at all. A value that is not there is tested as `null`.
 */
class PatchBuilder {
  readonly #node: FoundNode;
  readonly #tests = new Map<string, JsonPatchOperation>();
  readonly #writes: JsonPatchOperation[] = [];
  readonly #maps = new Set<string>();

  constructor(node: FoundNode) {
    this.#node = node;
    // A node of the same name may have taken this one's place.
    this.#test(jsonPointer('metadata', 'uid'), node.uid);
  }

  /** The whole patch; empty when there is nothing to write. */
  build(): JsonPatchOperation[] {
    return this.#writes.length === 0 ? [] : [...this.#tests.values(), ...this.#writes];
  }

  /** The patch rests on whether the node is schedulable. */
  expectSchedulability(): void {
    // The API server leaves `false` out.
    this.#test(jsonPointer('spec', 'unschedulable'), this.#node.unschedulable ? true : null);
  }

  setUnschedulable(unschedulable: boolean): void {
    if (this.#node.unschedulable === unschedulable) return;
    this.expectSchedulability();
    const path = jsonPointer('spec', 'unschedulable');
    this.#writes.push(unschedulable ? { op: 'add', path, value: true } : { op: 'remove', path });
  }

  addTaint(taint: { key: string; value: string; effect: string }): void {
    this.#expectTaints();
    const path = jsonPointer('spec', 'taints');
    const value = { key: taint.key, value: taint.value, effect: taint.effect };
    if (this.#node.taints.length === 0) this.#writes.push({ op: 'add', path, value: [value] });
    else this.#writes.push({ op: 'add', path: `${path}/-`, value });
  }

  removeTaints(keys: ReadonlySet<string>): void {
    const kept = this.#node.taints.filter(({ key }) => !keys.has(key));
    if (kept.length === this.#node.taints.length) return;
    this.#expectTaints();
    const path = jsonPointer('spec', 'taints');
    this.#writes.push(kept.length === 0 ? { op: 'remove', path } : { op: 'replace', path, value: kept });
  }

  /** The patch rests on this label or annotation; `null`: that it is not there. */
  expectEntry(map: 'labels' | 'annotations', key: string, value: string | null): void {
    // Without the map the path leads nowhere, and so does a test.
    if (value === null && this.#isEmpty(map)) this.#test(jsonPointer('metadata', map), null);
    else this.#test(jsonPointer('metadata', map, key), value);
  }

  /** Sets a label or annotation, or with `null` removes it. */
  setEntry(map: 'labels' | 'annotations', key: string, value: string | null): void {
    const known = Object.hasOwn(this.#node[map], key) ? this.#node[map][key] : undefined;
    if (value === (known ?? null)) return;
    const path = jsonPointer('metadata', map, key);
    if (value === null) {
      this.expectEntry(map, key, known ?? null);
      this.#writes.push({ op: 'remove', path });
      return;
    }
    if (this.#isEmpty(map) && !this.#maps.has(map)) {
      this.#maps.add(map);
      this.#test(jsonPointer('metadata', map), null);
      this.#writes.push({ op: 'add', path: jsonPointer('metadata', map), value: {} });
    }
    this.#writes.push({ op: 'add', path, value });
  }

  #isEmpty(map: 'labels' | 'annotations'): boolean {
    const isKeptEmpty = Object.keys(this.#node[map]).length === 0;
    return isKeptEmpty && (map === 'labels' || !this.#node.annotated);
  }

  #expectTaints(): void {
    const { taints } = this.#node;
    this.#test(jsonPointer('spec', 'taints'), taints.length === 0 ? null : taints);
  }

  #test(path: string, value: unknown): void {
    this.#tests.set(path, { op: 'test', path, value });
  }
}

/** Joins segments into a JSON pointer. See https://www.rfc-editor.org/rfc/rfc6901 */
export function jsonPointer(...segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
