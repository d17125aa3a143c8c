import type { FoundNode } from '../find/found-node.ts';
import type { NodeChange } from './node-change.ts';
import { applied } from './node-change.ts';

/** One operation of a JSON Patch. See https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  { op: 'test' | 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/** A JSON Patch: all operations apply, or none. */
export type JsonPatch = readonly JsonPatchOperation[];

type EntryMap = 'labels' | 'annotations';

const UNSCHEDULABLE = jsonPointer('spec', 'unschedulable');
const TAINTS = jsonPointer('spec', 'taints');

/**
 * The one patch that changes a node as it is known: what is there already is left alone, and a patch with nothing to
 * write is empty. Whatever the change may rest on is tested in the same patch, so that it applies to the node as it was
 * known or not at all: the identity of the node, whether it is schedulable, every annotation that is named, and all
 * labels and taints that are written. Pure: the same node and change give the same patch.
 */
export function buildChangePatch(node: FoundNode, change: NodeChange): JsonPatch {
  const after = applied(node, change);
  const labels = changedKeys(node.labels, after.labels);
  const annotations = changedKeys(node.annotations, after.annotations);
  const hasNewTaints =
    after.taints.length !== node.taints.length || after.taints.some((taint, at) => taint !== node.taints[at]);
  const writes = [
    ...schedulabilityWrites(node, after),
    ...(hasNewTaints ? [taintsWrite(node, after)] : []),
    ...entryWrites(node, after, 'labels', labels),
    ...entryWrites(node, after, 'annotations', annotations),
  ];
  if (writes.length === 0) return [];
  return [
    // A node of the same name may have taken this one's place.
    test(jsonPointer('metadata', 'uid'), node.uid),
    // The API server leaves `false` out, and empty lists.
    test(UNSCHEDULABLE, node.unschedulable ? true : null),
    ...(hasNewTaints ? [test(TAINTS, node.taints.length === 0 ? null : node.taints)] : []),
    ...entryTests(node, 'labels', labels),
    ...entryTests(node, 'annotations', Object.keys(change.annotations ?? {})),
    ...writes,
  ];
}

/** A value that is not there is tested as `null`. */
function test(path: string, value: unknown): JsonPatchOperation {
  return { op: 'test', path, value };
}

function schedulabilityWrites(node: FoundNode, after: FoundNode): JsonPatchOperation[] {
  if (node.unschedulable === after.unschedulable) return [];
  return [
    after.unschedulable ? { op: 'add', path: UNSCHEDULABLE, value: true } : { op: 'remove', path: UNSCHEDULABLE },
  ];
}

function taintsWrite(node: FoundNode, after: FoundNode): JsonPatchOperation {
  if (after.taints.length === 0) return { op: 'remove', path: TAINTS };
  return { op: node.taints.length === 0 ? 'add' : 'replace', path: TAINTS, value: after.taints };
}

function entryTests(node: FoundNode, map: EntryMap, keys: readonly string[]): JsonPatchOperation[] {
  if (keys.length === 0) return [];
  // Without the map the path of an entry leads nowhere, and so does a test.
  if (isEmpty(node, map)) return [test(jsonPointer('metadata', map), null)];
  return keys.map((key) => test(jsonPointer('metadata', map, key), entry(node[map], key) ?? null));
}

function entryWrites(node: FoundNode, after: FoundNode, map: EntryMap, keys: readonly string[]): JsonPatchOperation[] {
  if (keys.length === 0) return [];
  if (isEmpty(node, map)) return [{ op: 'add', path: jsonPointer('metadata', map), value: after[map] }];
  return keys.map((key) => {
    const path = jsonPointer('metadata', map, key);
    const value = entry(after[map], key);
    return value === undefined ? { op: 'remove', path } : { op: 'add', path, value };
  });
}

function isEmpty(node: FoundNode, map: EntryMap): boolean {
  return Object.keys(node[map]).length === 0 && (map === 'labels' || node.annotated !== true);
}

function changedKeys(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => entry(before, key) !== entry(after, key));
}

function entry(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Joins segments into a JSON pointer. See https://www.rfc-editor.org/rfc/rfc6901 */
export function jsonPointer(...segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
