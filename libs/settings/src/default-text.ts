import type { Setting } from './setting.ts';

/** The default of a setting as help and documentation show it; `undefined` when there is none. */
export function defaultText(row: Setting): string | undefined {
  return row.defaultText ?? (row.default === undefined ? undefined : row.type.format(row.default));
}
