import { findField, methodOf } from '../reflect/members.ts';
import { ANY } from '../reflect/type.ts';
import { NIL, zeroOf } from '../reflect/value.ts';
import type { GoFunction, MapValue, Maybe, StructValue, Value } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import type { Execution, Place } from './state.ts';

/** What a missing key of a map gives: nothing, which prints `<no value>`; the zero of the map's elements; or an error. */
export type MissingKey = 'default' | 'zero' | 'error';

/** What `.name` is of a value: a method to be called, or what a field or a key holds. */
export function memberOf(
  { value: receiver, declared }: Place,
  name: GoString,
  hasArguments: boolean,
  missingKey: MissingKey,
  execution: Execution,
): Place | { readonly method: GoFunction } {
  if (receiver === undefined) {
    if (missingKey !== 'error') return { value: undefined };
    return execution.fail(`nil data; no entry for key ${quote(name)}`);
  }
  const typeName = declared?.kind === 'interface' ? declared.name : receiver.type.name;
  if (receiver.tag === 'nil') return execution.fail(`nil pointer evaluating ${typeName}.${name}`);
  const method = methodOf(receiver, name);
  if (method !== undefined) return { method };
  const struct = structOf(receiver);
  if (struct !== undefined) {
    const field = findField(struct, name);
    if (field?.isUnexported === true)
      return execution.fail(`${name} is an unexported field of struct type ${typeName}`);
    if (field !== undefined) {
      if (hasArguments) execution.fail(`${name} has arguments but cannot be invoked as function`);
      return { value: field.value, declared: field.type };
    }
  } else if (receiver.tag === 'map') {
    if (hasArguments) execution.fail(`${name} is not a method but has arguments`);
    const value = receiver.entries.get(name) ?? missing(receiver, name, missingKey, execution);
    return { value, declared: receiver.type.element };
  } else if (receiver.tag === 'pointer' && receiver.type.element !== undefined) {
    // A nil pointer: what is wrong depends on whether what it could lead to has such a field.
    const zero = zeroOf(receiver.type.element);
    if (zero.tag === 'struct' && findField(zero, name) !== undefined) {
      return execution.fail(`nil pointer evaluating ${typeName}.${name}`);
    }
  }
  return execution.fail(`can't evaluate field ${name} in type ${typeName}`);
}

function missing({ type }: MapValue, name: GoString, missingKey: MissingKey, execution: Execution): Maybe {
  switch (missingKey) {
    case 'default':
      return undefined;
    case 'zero':
      return zeroOf(type.element ?? ANY);
    case 'error':
      return execution.fail(`map has no entry for key ${quote(name)}`);
  }
}

function structOf(value: Value): StructValue | undefined {
  switch (value.tag) {
    case 'struct':
      return value;
    case 'pointer':
      return value.target;
    case 'time':
      return { tag: 'struct', type: value.type, values: [NIL, NIL, NIL] };
    default:
      return undefined;
  }
}
