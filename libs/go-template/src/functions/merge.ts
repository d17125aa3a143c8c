import { isTrue } from '../values/value.ts';
import type { MapValue, Value } from '../values/value.ts';
import { slice } from '../values/value.ts';
import { DEPTH_LIMIT, LimitError } from '../limits.ts';

/**
 * Merges one map into another as `mergo` does for sprig: maps within maps are merged too; what the target has and is
 * not empty stays, unless the source is to overwrite it.
 *
 * @see https://pkg.go.dev/dario.cat/mergo
 */
export function mergeInto(target: MapValue, source: MapValue, overwrites: boolean, depth = 0): void {
  if (target === source) return;
  if (depth > DEPTH_LIMIT) throw new LimitError('value is nested too deep to be merged');
  const wasEmpty = target.entries.size === 0;
  for (const [key, value] of source.entries) {
    const existing = target.entries.get(key);
    if (value.tag === 'nil') {
      if (overwrites) target.entries.set(key, value);
      continue;
    }
    if (value.tag === 'map' && existing?.tag === 'map') mergeInto(existing, value, overwrites, depth + 1);
    if (value.tag === 'list') target.entries.set(key, listFor(value, existing, overwrites || wasEmpty));
    if (existing !== undefined && isTrue(existing)) {
      if (value.tag === 'list' || (value.tag === 'map' && existing.tag === 'map')) continue;
    }
    if (overwrites || existing === undefined || isEmptyToMergo(existing)) target.entries.set(key, value);
  }
}

function listFor(value: Value, existing: Value | undefined, takesSource: boolean): Value {
  if (takesSource) return value;
  return existing === undefined || existing.tag === 'nil' ? slice(value.type, []) : existing;
}

// Structs, times among them, are never empty.
function isEmptyToMergo(value: Value): boolean {
  return value.tag !== 'struct' && !isTrue(value);
}
