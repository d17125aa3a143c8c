import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import { decodeShaped, shapeFault } from '../resources/decode.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { badRequest, invalid, unsupportedPatchType } from '../status.ts';
import { invalidValue } from '../validation/metadata.ts';
import { applyJsonPatch } from './json-patch.ts';
import type { PatchSchema } from './schema.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const strategicMergePatch = 'application/strategic-merge-patch+json';

/** The types of patches; server-side apply is not simulated and is refused like an unknown type. */
const strategies: Readonly<Record<string, (document: unknown, patch: unknown, schema: PatchSchema) => unknown>> = {
  'application/json-patch+json': applyJsonPatch,
  'application/merge-patch+json': applyMergePatch,
  [strategicMergePatch]: applyStrategicMergePatch,
};

/**
 * Reads a patch by its content type, ready to be applied to an object.
 * @param readBody reads the body as JSON; it is told how to begin its complaint.
 * @throws {ApiError} 400 when it can't be read, 415 when it is none of the three types that the simulator takes; when
 * it is applied, 422 when it does not fit.
 */
export function patchOf(
  definition: ResourceDefinition,
  contentType: string,
  readBody: (context: string) => unknown,
): (object: KubernetesObject) => KubernetesObject {
  const type = contentType.split(';')[0]?.trim() ?? '';
  const apply = Object.hasOwn(strategies, type) ? strategies[type] : undefined;
  if (apply === undefined) throw unsupportedPatchType();
  const body = readBody(type === strategicMergePatch ? '' : 'error decoding patch: ');
  return (stored) => {
    const shown = definition.view === undefined ? stored : definition.view.show(stored);
    const patched = apply(shown, body, definition.patchSchema);
    return isDeepStrictEqual(patched, shown) ? stored : decodePatched(definition, patched);
  };
}

function decodePatched(definition: ResourceDefinition, patched: unknown): KubernetesObject {
  const fault = isRecord(patched)
    ? shapeFault(definition, patched)
    : `json: cannot unmarshal into Go value of type ${definition.kind}`;
  if (fault !== undefined) {
    throw invalid({ group: '', resource: '' }, '', [invalidValue('patch', JSON.stringify(patched), fault)]);
  }
  return decodeShaped(definition, isRecord(patched) ? patched : {});
}

/**
 * Applies a JSON Merge Patch (RFC 7386): null removes, objects merge, all else replaces.
 * @throws {ApiError} 400 when the patch is not an object.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  }
  return merged(document, patch);
}

function merged(document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const fields = new Map(Object.entries(isRecord(document) ? document : {}));
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) fields.delete(field);
    else fields.set(field, merged(fields.get(field), value));
  }
  return Object.fromEntries(fields);
}
