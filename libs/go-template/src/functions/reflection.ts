import type { GoFunction } from '../evaluate/go-function.ts';
import { anything, aString, fn1, fn2 } from '../evaluate/parameter.ts';
import { deepEqual } from '../values/deep-equal.ts';
import { bool, string } from '../values/value.ts';
import type { Value } from '../values/value.ts';

/** sprig's functions that tell what a value is. */
export const REFLECTION_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  typeOf: fn1(anything, (value) => string(typeName(value))),
  typeIs: fn2(aString, anything, (name, value) => bool(typeName(value) === name)),
  typeIsLike: fn2(aString, anything, (name, value) => bool([name, `*${name}`].includes(typeName(value)))),
  kindOf: fn1(anything, (value) => string(kindName(value))),
  kindIs: fn2(aString, anything, (name, value) => bool(kindName(value) === name)),
  deepEqual: fn2(anything, anything, (a, b) => bool(deepEqual(a, b))),
};

function typeName(value: Value): string {
  return value.tag === 'nil' ? '<nil>' : value.type.name;
}

function kindName(value: Value): string {
  return value.tag === 'nil' ? 'invalid' : value.type.kind;
}
