import { stringOf } from '../fmt/stringer.ts';
import { fn0 } from '../funcs/func.ts';
import type { GoFunction } from '../funcs/func.ts';
import { DURATION, MONTH, WEEKDAY } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { string } from '../reflect/value.ts';
import type { StructValue, Value } from '../reflect/value.ts';
import { VERSION_METHODS, VERSION_POINTER_METHODS, versionFrom } from '../semver/value.ts';
import { DURATION_METHODS, TIME_METHODS } from '../time/methods.ts';
import type { GoString } from '../unicode/utf8.ts';

/** A field found in a struct or in one of those embedded in it. */
export interface FoundField {
  readonly value: Value;
  readonly isUnexported: boolean;
}

/**
 * Finds a field by Go's rules: the shallowest of that name, embedded structs being searched level by level; none if two are as shallow.
 *
 * @see https://go.dev/ref/spec#Selectors
 */
export function findField(struct: StructValue, name: GoString): FoundField | undefined {
  let level: readonly StructValue[] = [struct];
  while (level.length > 0) {
    const found = level.flatMap((candidate) => ownField(candidate, name));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
    level = level.flatMap(embeddedStructs);
  }
  return undefined;
}

function ownField({ type, values }: StructValue, name: GoString): FoundField[] {
  const index = fieldsOf(type).findIndex((field) => field.name === name);
  const value = values[index];
  return value === undefined ? [] : [{ value, isUnexported: fieldsOf(type)[index]?.isUnexported === true }];
}

function embeddedStructs({ type, values }: StructValue): StructValue[] {
  return fieldsOf(type).flatMap(({ isEmbedded }, index) => {
    const value = values[index];
    return isEmbedded === true && value?.tag === 'struct' ? [value] : [];
  });
}

function fieldsOf(type: GoType) {
  return type.fields ?? [];
}

/** Methods of struct types that are not this engine's own, by type and name; they get the struct. */
export type StructMethods = ReadonlyMap<GoType, ReadonlyMap<string, (value: Value) => GoFunction>>;

/** The method of that name, bound to the value; `undefined` when it has none. */
export function methodOf(value: Value, name: GoString, structMethods: StructMethods): GoFunction | undefined {
  switch (value.tag) {
    case 'time':
      return TIME_METHODS.get(name)?.(value.time);
    case 'int':
      if (value.type === DURATION) return DURATION_METHODS.get(name)?.(value.int);
      return value.type === MONTH || value.type === WEEKDAY ? stringMethod(value, name) : undefined;
    case 'location':
      return stringMethod(value, name);
    case 'struct':
    case 'pointer': {
      const version = versionFrom(value);
      if (version === undefined) return structMethods.get(value.type)?.get(name)?.(value);
      const pointerMethod = value.tag === 'pointer' ? VERSION_POINTER_METHODS.get(name) : undefined;
      return (pointerMethod ?? VERSION_METHODS.get(name))?.(version);
    }
    default:
      return undefined;
  }
}

function stringMethod(value: Value, name: GoString): GoFunction | undefined {
  return name === 'String' ? fn0(() => string(stringOf(value) ?? '')) : undefined;
}
