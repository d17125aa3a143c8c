import { isRecord } from '../object/read.ts';
import { badRequest } from '../status.ts';

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
