import { isList, isRecord } from '../../json-value.ts';

/** Are two JSON values the same, whatever the order of their fields? */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isList(left)) {
    return isList(right) && left.length === right.length && left.every((item, index) => deepEqual(item, right[index]));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const fields = Object.keys(left);
  if (fields.length !== Object.keys(right).length) return false;
  return fields.every((field) => Object.hasOwn(right, field) && deepEqual(left[field], right[field]));
}
