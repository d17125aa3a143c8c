import { fn0 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { VERSION_METHODS, VERSION_POINTER_METHODS, versionFrom, versionString } from '../semver/value.ts';
import { MONTHS, WEEKDAYS } from '../time/calendar.ts';
import { durationString } from '../time/duration.ts';
import { goTimeSyntax, timeString } from '../time/format.ts';
import { DURATION_METHODS, TIME_METHODS } from '../time/methods.ts';
import type { GoString } from '../unicode/utf8.ts';
import { fromFunction, toJs } from './convert.ts';
import { DURATION, MONTH, WEEKDAY } from './type.ts';
import type { GoField, GoType } from './type.ts';
import { string } from './value.ts';
import type { GoFunction, IntValue, StructValue, Value } from './value.ts';

/** A field found in a struct or in one of those embedded in it. */
export interface FoundField {
  readonly value: Value;
  /** What it is declared with. */
  readonly type: GoType;
  readonly isUnexported: boolean;
}

/**
 * Finds a field by Go's rules: the shallowest of that name, embedded structs being searched level by level; none if two are as shallow.
 *
 * @see https://go.dev/ref/spec#Selectors
 */
export function findField(struct: StructValue, name: GoString): FoundField | undefined {
  return shallowest(struct, (candidate) => ownField(candidate, name));
}

/** The method of that name, bound to the value; `undefined` when it has none. Those of embedded values count, as fields do. */
export function methodOf(value: Value, name: GoString): GoFunction | undefined {
  const found = shallowest<GoFunction | 'field'>(
    value,
    (candidate) => ownMethod(candidate, name) ?? (ownField(candidate, name) === undefined ? undefined : 'field'),
  );
  return found === 'field' ? undefined : found;
}

function shallowest<T>(value: Value, find: (candidate: Value) => T | undefined): T | undefined {
  let level: readonly Value[] = [value];
  while (level.length > 0) {
    const found = level.flatMap((candidate) => find(candidate) ?? []);
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
    level = level.flatMap(embeddedValues);
  }
  return undefined;
}

function embeddedValues(value: Value): Value[] {
  const struct = structOf(value);
  return fieldsOf(struct).flatMap(({ isEmbedded }, index) => {
    const embedded = struct?.values[index];
    return isEmbedded && embedded !== undefined ? [embedded] : [];
  });
}

function ownField(value: Value, name: GoString): FoundField | undefined {
  const struct = structOf(value);
  const fields = fieldsOf(struct);
  const index = fields.findIndex((field) => field.name === name);
  const [field, found] = [fields[index], struct?.values[index]];
  if (field === undefined || found === undefined) return undefined;
  return { value: found, type: field.type, isUnexported: field.isUnexported };
}

function structOf(value: Value): StructValue | undefined {
  if (value.tag === 'struct') return value;
  return value.tag === 'pointer' ? value.target : undefined;
}

function fieldsOf(struct: StructValue | undefined): readonly GoField[] {
  return struct?.type.fields ?? [];
}

function ownMethod(value: Value, name: GoString): GoFunction | undefined {
  switch (value.tag) {
    case 'time':
      return TIME_METHODS.get(name)?.(value.time);
    case 'int':
      if (value.type === DURATION) return DURATION_METHODS.get(name)?.(value.int);
      return name === 'String' ? stringMethod(calendarName(value)) : undefined;
    case 'location':
      return name === 'String' ? stringMethod(value.zone.name) : undefined;
    case 'struct':
    case 'pointer': {
      const version = versionFrom(value);
      if (version === undefined) return structMethod(value, name);
      const pointerMethod = value.tag === 'pointer' ? VERSION_POINTER_METHODS.get(name) : undefined;
      return (pointerMethod ?? VERSION_METHODS.get(name))?.(version);
    }
    default:
      return undefined;
  }
}

function stringMethod(text: GoString | undefined): GoFunction | undefined {
  return text === undefined ? undefined : fn0(() => string(text));
}

function structMethod(value: Value, name: GoString): GoFunction | undefined {
  const type = value.tag === 'pointer' ? value.type.element : value.type;
  const method = type?.methods?.get(name);
  if (type === undefined || method === undefined) return undefined;
  const { params, variadic } = method;
  const signature = variadic === undefined ? { params } : { params, variadic };
  return fromFunction(signature, (...args) => {
    const struct = structOf(value);
    if (struct !== undefined) return method.run(struct.source ?? objectFrom(struct), ...args);
    const bare = type.name.slice(type.name.lastIndexOf('.') + 1);
    throw new GoError(`value method ${type.name}.${name} called using nil *${bare} pointer`);
  });
}

/** What the methods of a struct get that was made of nothing: an object with the zeros of its fields. */
function objectFrom(struct: StructValue): object {
  return Object.fromEntries(
    fieldsOf(struct).map(({ name, type }, index) => [name, toJs(struct.values[index], type)] as const),
  );
}

/** What a value's `Error` or `String` method gives; `undefined` when it has none. */
export function stringOf(value: Value): GoString | undefined {
  switch (value.tag) {
    case 'time':
      return timeString(value.time);
    case 'location':
      return value.zone.name;
    case 'int':
      return value.type === DURATION ? durationString(value.int) : calendarName(value);
    case 'struct':
      return versionString(value) ?? byMethod(value, 'Error') ?? byMethod(value, 'String');
    case 'pointer':
      return value.target === undefined ? undefined : stringOf(value.target);
    default:
      return undefined;
  }
}

function calendarName({ type, int }: IntValue): GoString | undefined {
  if (type === MONTH) return MONTHS[Number(int) - 1] ?? `%!Month(${int})`;
  return type === WEEKDAY ? (WEEKDAYS[Number(int)] ?? `%!Weekday(${int})`) : undefined;
}

/** What a value's `GoString` method gives, which `%#v` prints; `undefined` when it has none. */
export function goSyntaxOf(value: Value): GoString | undefined {
  if (value.tag === 'time') return goTimeSyntax(value.time);
  return structOf(value) === undefined ? undefined : byMethod(value, 'GoString');
}

function byMethod(value: Value, name: string): GoString | undefined {
  const method = methodOf(value, name);
  if (method === undefined || method.params.length > 0 || method.variadic !== undefined) return undefined;
  const text = method.call([]);
  return text?.tag === 'string' ? text.bytes : undefined;
}
