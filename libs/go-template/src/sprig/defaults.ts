import { decodeJson, encodeJson } from '../encoding/json.ts';
import type { JsonStyle } from '../encoding/json.ts';
import { aBool, anything, aString, fn1, fn2, fn3, variadic0, variadic1 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { LimitError } from '../limits.ts';
import { deepEqual } from '../reflect/compare.ts';
import { bool, isTrue, NIL, string } from '../reflect/value.ts';
import type { GoFunction, Value } from '../reflect/value.ts';

const encoding = (style: JsonStyle): GoFunction => fn1(anything, (value) => string(encodeJson(value, style)));
const COMPACT: JsonStyle = { escapesHtml: true };
const PRETTY: JsonStyle = { escapesHtml: true, indent: '  ' };
const RAW: JsonStyle = { escapesHtml: false };

/** The same function, with something in place of its errors. */
const silently = (fn: GoFunction, instead: Value): GoFunction => ({
  ...fn,
  call(args) {
    try {
      return fn.call(args);
    } catch (error) {
      if (error instanceof GoError && !(error instanceof LimitError)) return instead;
      throw error;
    }
  },
});
const decoding = fn1(aString, decodeJson);

/** sprig's functions for defaults and for JSON, and those that decide. */
export const DEFAULT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  default: variadic1(anything, anything, (fallback, [given]) =>
    given === undefined || isEmpty(given) ? fallback : given,
  ),
  empty: fn1(anything, (value) => bool(isEmpty(value))),
  coalesce: variadic0(anything, (values) => values.find((value) => !isEmpty(value)) ?? NIL),
  all: variadic0(anything, (values) => bool(!values.some(isEmpty))),
  any: variadic0(anything, (values) => bool(values.some((value) => !isEmpty(value)))),
  ternary: fn3(anything, anything, aBool, (yes, no, condition) => (condition ? yes : no)),
  fail: fn1(aString, (message) => {
    throw new GoError(message);
  }),
  fromJson: silently(decoding, NIL),
  mustFromJson: decoding,
  toJson: silently(encoding(COMPACT), string('')),
  mustToJson: encoding(COMPACT),
  toPrettyJson: silently(encoding(PRETTY), string('')),
  mustToPrettyJson: encoding(PRETTY),
  toRawJson: encoding(RAW),
  mustToRawJson: encoding(RAW),
};

/** Whether sprig takes a value for one that was not given: the zero of its type, or nothing in it. Structs never are. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value);
}

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
