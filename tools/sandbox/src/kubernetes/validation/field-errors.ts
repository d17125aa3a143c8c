import { isList } from '../object/read.ts';
import type { FieldError } from '../status.ts';

function shown(value: unknown): string {
  return typeof value === 'string' || isList(value) ? JSON.stringify(value) : String(value);
}

/** The value breaks a rule. */
export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { type: 'Invalid', field, message: `Invalid value: ${shown(value)}: ${why}` };
}

/** Something that has to be there is missing. */
export function requiredValue(field: string, why = ''): FieldError {
  return { type: 'Required', field, message: why === '' ? 'Required value' : `Required value: ${why}` };
}

/** The value is not one of those that are known. */
export function unsupportedValue(field: string, value: unknown, known: readonly string[]): FieldError {
  const list = known.map((one) => JSON.stringify(one)).join(', ');
  return { type: 'NotSupported', field, message: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

/** The value stands there twice. */
export function duplicateValue(field: string, value: string): FieldError {
  return { type: 'Duplicate', field, message: `Duplicate value: ${value}` };
}

/** The field may not be used like this. */
export function forbiddenValue(field: string, why: string): FieldError {
  return { type: 'Forbidden', field, message: `Forbidden: ${why}` };
}
