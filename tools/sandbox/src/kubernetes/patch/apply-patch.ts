import { deepEqual } from '../object/equal.ts';
import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { decodeObject } from '../resources/decode.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { unsupportedMediaType } from '../status.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicMergePatch = 'application/strategic-merge-patch+json';

/** The patch types that the real server names when it gets another one. */
const acceptedTypes = [
  jsonPatch,
  mergePatch,
  strategicMergePatch,
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];

/** A patch of one object, of a content type that is known to be taken. */
export type Patch = (object: KubernetesObject) => KubernetesObject;

/**
 * Reads a patch by its content type. Server-side apply is not simulated and is refused like an unknown type.
 * @throws {ApiError} 415 when it is none of the three types that the simulator takes.
 */
export function patchOf(definition: ResourceDefinition, contentType: string, readBody: () => unknown): Patch {
  const apply = strategyOf(definition, contentType.split(';')[0]?.trim() ?? '');
  const body = readBody();
  return (stored) => {
    const shown = definition.view === undefined ? stored : definition.view.show(stored);
    const patched = apply(shown, body);
    return deepEqual(patched, shown) ? stored : decodeObject(definition, patched);
  };
}

function strategyOf(definition: ResourceDefinition, type: string): (document: unknown, patch: unknown) => unknown {
  switch (type) {
    case jsonPatch:
      return applyJsonPatch;
    case mergePatch:
      return applyMergePatch;
    case strategicMergePatch:
      return (document, patch) => applyStrategicMergePatch(document, patch, definition.patchSchema);
    default:
      throw unsupportedMediaType(acceptedTypes);
  }
}
