/** Which field names some lines have; see `LOG_FORMAT_VERSION`. */
export type FormatVersion = 1 | 2;

/**
 * Gives the fields of a line the names of the format version. Callers write those of version 2.
 *
 * In version 1 what watches for events is `event_type`, and lines about an event do not name it.
 */
export function nameFields(fields: Readonly<Record<string, unknown>>, version: FormatVersion): Record<string, unknown> {
  const names: Readonly<Record<string, string | undefined>> = version === 1 ? version1 : version2;
  // Not assigned one by one: a field may be called __proto__.
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      const name = Object.hasOwn(names, key) ? names[key] : key;
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

const version2 = { err: 'error' };
const version1 = { ...version2, monitor_type: 'event_type', monitor: undefined };
