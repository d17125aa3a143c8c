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

/** Whether a value means "the default": the Go handler's chart has `''` and `{}` in such places. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return isValues(value) && Object.keys(value).length === 0;
}
