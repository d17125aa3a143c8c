import { isDeepStrictEqual } from 'node:util';
import { isList, isRecord } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import { badRequest, serverFailure, unprocessable } from '../status.ts';
import { plain } from './schema.ts';
import type { PatchSchema } from './schema.ts';

const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/**
 * Applies a strategic merge patch by the strategies of a kind, with the directives `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList` and `$setElementOrder`; see
 * https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
 * @throws {ApiError} 400 for a patch that is not an object or a directive that can't be read, 422 for keys that
 * `$retainKeys` does not name, 500 for an item without its merge key.
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, schema: PatchSchema): unknown {
  if (!isRecord(patch)) throw badRequest('json: cannot unmarshal array into Go value of type map[string]interface {}');
  return mergeObject(isRecord(document) ? document : {}, patch, schema);
}

function mergeObject(original: JsonRecord, patch: JsonRecord, schema: PatchSchema): JsonRecord {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw serverFailure(`unknown patch type: ${JSON.stringify(directive).replaceAll('"', '')} in map: ${goMap(patch)}`);
  }
  const fields = new Map(Object.entries(retained(original, patch)));
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null) fields.delete(field);
    else fields.set(field, mergeField(fields.get(field), value, schema.fields?.[field] ?? plain));
  }
  applyListDirectives(fields, patch, schema);
  return Object.fromEntries(fields);
}

function retained(original: JsonRecord, patch: JsonRecord): JsonRecord {
  const keys = patch.$retainKeys;
  if (keys === undefined) return original;
  if (!isList(keys) || !keys.every((key) => typeof key === 'string')) {
    throw badRequest('invalid patch format of retainKeys');
  }
  const foreign = Object.keys(patch).some((field) => !field.startsWith('$') && !keys.includes(field));
  if (foreign) throw unprocessable();
  return Object.fromEntries(Object.entries(original).filter(([field]) => keys.includes(field)));
}

function mergeField(original: unknown, patch: unknown, schema: PatchSchema): unknown {
  if (schema.replace === true) return isRecord(patch) ? withoutDirectives(patch) : patch;
  if (isRecord(patch)) return mergeObject(isRecord(original) ? original : {}, patch, schema);
  if (!isList(patch)) return patch;
  const items = isList(original) ? original : [];
  if (schema.isSet === true) {
    const merged = [...items, ...patch.filter((item) => !items.includes(item))];
    return inServerOrder(merged, patch, items, undefined);
  }
  return schema.mergeKey === undefined ? patch : mergeList(items, patch, schema.mergeKey, schema);
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  key: string,
  schema: PatchSchema,
): readonly unknown[] {
  const replaces = patch.some((item) => isRecord(item) && item.$patch === 'replace');
  let items = replaces ? [] : [...original];
  for (const item of patch) {
    if (!isRecord(item)) throw badRequest('invalid patch format for a list of objects');
    if (item.$patch === 'replace' && Object.keys(item).length === 1) continue;
    const name = item[key];
    if (name === undefined)
      throw serverFailure(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const matches = (one: unknown): boolean => isRecord(one) && isDeepStrictEqual(one[key], name);
    if (item.$patch === 'delete') {
      items = items.filter((one) => !matches(one));
      continue;
    }
    const at = items.findIndex(matches);
    const existing = items[at];
    const merged = mergeObject(isRecord(existing) ? existing : {}, item, schema);
    if (at === -1) items.push(merged);
    else items[at] = merged;
  }
  return inServerOrder(items, patch, original, key);
}

function applyListDirectives(fields: Map<string, unknown>, patch: JsonRecord, schema: PatchSchema): void {
  for (const [directive, value] of Object.entries(patch)) {
    const isDelete = directive.startsWith(deletePrefix);
    if (!isDelete && !directive.startsWith(orderPrefix)) continue;
    const field = directive.slice(directive.indexOf('/') + 1);
    if (!isList(value)) {
      throw badRequest(
        isDelete ? 'invalid patch format of primitive list' : 'invalid patch format of setElementOrder list',
      );
    }
    const items = fields.get(field);
    if (!isList(items)) continue;
    if (isDelete)
      fields.set(
        field,
        items.filter((item) => !value.includes(item)),
      );
    else fields.set(field, inServerOrder(items, value, items, schema.fields?.[field]?.mergeKey));
  }
}

/**
 * Orders a merged list as the server does: items that the patch names in the patch's order, the others in their old
 * order, and where both meet the old order decides if it knows both, else the patch's item goes first.
 */
function inServerOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  original: readonly unknown[],
  key: string | undefined,
): readonly unknown[] {
  const nameOf = (item: unknown): unknown => (key !== undefined && isRecord(item) ? item[key] : item);
  const rankIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex((one) => isDeepStrictEqual(nameOf(one), nameOf(item)));
  const named = merged.filter((item) => rankIn(order, item) !== -1);
  named.sort((left, right) => rankIn(order, left) - rankIn(order, right));
  const others = merged.filter((item) => rankIn(order, item) === -1);
  const result: unknown[] = [];
  while (others.length > 0 && named.length > 0) {
    const other = rankIn(original, others[0]);
    const patched = rankIn(original, named[0]);
    result.push(patched !== -1 && other < patched ? others.shift() : named.shift());
  }
  return [...result, ...others, ...named];
}

function goMap(value: JsonRecord): string {
  return `map[${Object.entries(value)
    .map(([field, item]) => `${field}:${String(item)}`)
    .join(' ')}]`;
}

function withoutDirectives(patch: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(patch).filter(([field]) => !field.startsWith('$')));
}
