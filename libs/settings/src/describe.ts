import type { Setting } from './setting.ts';

/**
 * The settings that a program runs with, ready for its log: names in snake_case, no secret.
 *
 * A secret shows as `<set>`; a setting without a value is left out.
 */
export function describeEffective(
  rows: readonly Setting[],
  settings: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean> {
  const described: Record<string, string | number | boolean> = {};
  for (const row of rows) {
    const value = settings[row.key];
    if (value === undefined) continue;
    const name = row.flags[0].replaceAll('-', '_');
    if (row.secret) described[name] = '<set>';
    else described[name] = typeof value === 'number' || typeof value === 'boolean' ? value : row.type.format(value);
  }
  return described;
}
