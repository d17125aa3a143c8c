// The same as the package's main entry, but for sprig's functions for regular expressions and the engine they need.
export { TemplateError } from './errors.ts';
export type { LimitName, TemplateErrorDetails, TemplatePosition } from './errors.ts';
export type { MissingKey } from './exec/members.ts';
export { func, refused } from './funcs/funcmap.ts';
export type { FuncMap, GoFunc, PlainFunction, TemplateFunction } from './funcs/funcmap.ts';
export { DEFAULT_LIMITS } from './limits.ts';
export type { TemplateLimits } from './limits.ts';
export type { LiteralArgument } from './parse/literals.ts';
export { goTime, GoValue, goValue } from './reflect/convert.ts';
export {
  ANY,
  BOOL,
  BYTES,
  DURATION,
  ERROR,
  FLOAT64,
  funcType,
  INT,
  INT32,
  INT64,
  mapOf,
  method,
  pointerTo,
  sliceOf,
  STRING,
  structType,
  TIME,
  UINT32,
  UINT64,
  UINT8,
} from './reflect/type.ts';
export type {
  Arguments,
  FieldOptions,
  GoField,
  GoMethod,
  GoType,
  IntegerKind,
  Kind,
  Signature,
  StructFields,
} from './reflect/type.ts';
export { SPRIG_REFUSED, sprigFunctionsWithoutRegex as sprigFunctions } from './sprig/without-regex.ts';
export type { SprigOptions } from './sprig/without-regex.ts';
export { parseTemplate } from './template.ts';
export type { Template, TemplateOptions } from './template.ts';
