import { aDict, anything, aString, fn1, fn2, fn3, variadic0, variadic1 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkDepth, spend } from '../limits.ts';
import { DICT } from '../reflect/type.ts';
import { bool, dict, isTrue, list, slice, sortedKeys, string, strings } from '../reflect/value.ts';
import type { GoFunction, MapValue, Value } from '../reflect/value.ts';
import type { GoString } from '../unicode/utf8.ts';
import { stringValue } from './strings.ts';

const merging = (overwrites: boolean): GoFunction =>
  variadic1(aDict, aDict, (target, sources) => {
    for (const source of sources) mergeInto(writable(target), source, overwrites);
    return target;
  });
const deepCopy = fn1(anything, (value) => {
  if (value.tag === 'nil') throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  return copyOf(value, 0);
});

/** sprig's functions for dictionaries. Where Go goes through a map in no order, this goes by the keys. */
export const DICT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  dict: variadic0(anything, (values) => {
    const entries = new Map<GoString, Value>();
    for (let index = 0; index < values.length; index += 2) {
      const [key, value] = values.slice(index, index + 2);
      if (key !== undefined) entries.set(stringValue(key), value ?? string(''));
    }
    return dict(entries);
  }),
  get: fn2(aDict, aString, ({ entries }, key) => entries.get(key) ?? string('')),
  set: fn3(aDict, aString, anything, (target, key, value) => {
    writable(target).entries.set(key, value);
    return target;
  }),
  unset: fn2(aDict, aString, (target, key) => {
    target.entries.delete(key);
    return target;
  }),
  hasKey: fn2(aDict, aString, ({ entries }, key) => bool(entries.has(key))),
  pluck: variadic1(aString, aDict, (key, dicts) => list(dicts.flatMap(({ entries }) => entries.get(key) ?? []))),
  keys: variadic0(aDict, (dicts) => strings(dicts.flatMap(sortedKeys))),
  values: fn1(aDict, (source) => list(sortedKeys(source).flatMap((key) => source.entries.get(key) ?? []))),
  pick: variadic1(aDict, aString, ({ entries }, keys) => {
    const picked = keys.flatMap((key) => {
      const value = entries.get(key);
      return value === undefined ? [] : [[key, value] as const];
    });
    return dict(picked);
  }),
  omit: variadic1(aDict, aString, ({ entries }, keys) => dict([...entries].filter(([key]) => !keys.includes(key)))),
  merge: merging(false),
  mustMerge: merging(false),
  mergeOverwrite: merging(true),
  mustMergeOverwrite: merging(true),
  deepCopy,
  mustDeepCopy: deepCopy,
  dig: variadic0(anything, dig),
};

function writable(target: MapValue): MapValue {
  if (target.isNil) throw new GoError('assignment to entry in nil map');
  return target;
}

function dig(params: readonly Value[]): Value {
  if (params.length < 3) throw new GoError('dig needs at least three arguments');
  const [fallback, source] = params.slice(-2);
  let current = asserted(source);
  const keys = params.slice(0, -2).map((key) => {
    if (key.tag === 'string') return key.bytes;
    throw new GoError(`interface conversion: interface {} is ${typeName(key)}, not string`);
  });
  for (const [index, key] of keys.entries()) {
    const step = current.entries.get(key);
    if (step === undefined) return fallback ?? string('');
    if (index === keys.length - 1) return step;
    current = asserted(step);
  }
  return current;
}

function asserted(value: Value | undefined): MapValue {
  if (value?.tag === 'map' && value.type === DICT) return value;
  throw new GoError(`interface conversion: interface {} is ${typeName(value)}, not map[string]interface {}`);
}

function typeName(value: Value | undefined): string {
  return value === undefined || value.tag === 'nil' ? 'nil' : value.type.name;
}

function copyOf(value: Value, depth: number): Value {
  checkDepth(depth, 'copied');
  spend(1);
  if (value.tag === 'list') return { ...value, items: value.items.map((item) => copyOf(item, depth + 1)) };
  if (value.tag !== 'map') return value;
  return { ...value, entries: new Map([...value.entries].map(([key, item]) => [key, copyOf(item, depth + 1)])) };
}

/**
 * Merges one map into another as `mergo` does for sprig: maps within maps are merged too; what the target has and is
 * not empty stays, unless the source is to overwrite it.
 *
 * @see https://pkg.go.dev/dario.cat/mergo
 */
function mergeInto(target: MapValue, source: MapValue, overwrites: boolean, depth = 0): void {
  if (target === source) return;
  checkDepth(depth, 'merged');
  spend(1 + source.entries.size);
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
