import type { FoundNode } from '../find/found-node.ts';
import type { JsonPatchOperation } from './json-patch.ts';
import { jsonPointer } from './json-patch.ts';

/**
 * Collects the operations of one patch. Whatever a decision rests on is tested in the same patch, so that it applies
 * to the node as it was known or not at all. A value that is not there is tested as `null`.
 */
export class PatchBuilder {
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
