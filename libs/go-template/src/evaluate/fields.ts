import type { GoString } from '../text/bytes.ts';
import type { GoType } from '../values/types.ts';
import type { StructValue, Value } from '../values/value.ts';

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
