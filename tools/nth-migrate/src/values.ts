/** What a values file holds, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A program of this project, and its chart. */
export type Chart = 'imds-agent' | 'queue-processor';

/** Both charts. */
export const charts: readonly Chart[] = ['imds-agent', 'queue-processor'];

/** Whether a value has named fields. */
export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value means "the default": the Go handler's chart has `''`, `{}` and `[]` in such places. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isValues(value) && Object.keys(value).length === 0;
}

/** Whether a value is on, also as the text that quotes and `--set-string` make of it. */
export function isOn(value: unknown): boolean {
  return String(value).toLowerCase() === 'true';
}

/** Whether a value says "off"; a value that is not there does not. */
export function isOff(value: unknown): boolean {
  return String(value).toLowerCase() === 'false';
}

/** The value without fields that are null: to Helm they mean "not given". */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isValues(value)) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(given.map(([name, inner]) => [name, withoutNulls(inner)]));
}
