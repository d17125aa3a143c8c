import type { GoFunction } from '../evaluate/go-function.ts';
import { fn0 } from '../evaluate/parameter.ts';
import type { GoString } from '../text/bytes.ts';
import { stringOf } from '../values/stringer.ts';
import { DURATION, MONTH, WEEKDAY } from '../values/types.ts';
import type { GoType } from '../values/types.ts';
import { string } from '../values/value.ts';
import type { Value } from '../values/value.ts';
import { versionFrom } from '../values/version.ts';
import { DURATION_METHODS } from './duration.ts';
import { TIME_METHODS } from './time.ts';
import { VERSION_METHODS, VERSION_POINTER_METHODS } from './version.ts';

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
