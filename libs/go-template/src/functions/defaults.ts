import type { GoFunction } from '../evaluate/go-function.ts';
import { aBool, anything, aString, fn1, fn3, variadic0, variadic1 } from '../evaluate/parameter.ts';
import { GoError } from '../go-error.ts';
import { decodeJson } from '../json/decode.ts';
import { encodeJson } from '../json/encode.ts';
import type { JsonStyle } from '../json/encode.ts';
import { bool, NIL, string } from '../values/value.ts';
import type { Value } from '../values/value.ts';
import { isEmpty } from './empty.ts';

const encoding = (style: JsonStyle): GoFunction => fn1(anything, (value) => string(encodeJson(value, style)));
const COMPACT: JsonStyle = { escapesHtml: true };
const PRETTY: JsonStyle = { escapesHtml: true, indent: '  ' };
const RAW: JsonStyle = { escapesHtml: false };

/** The same function, with something in place of its errors. */
const silently = (fn: GoFunction, instead: Value): GoFunction => ({
  ...fn,
  call(args, context) {
    try {
      return fn.call(args, context);
    } catch (error) {
      if (error instanceof GoError) return instead;
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
