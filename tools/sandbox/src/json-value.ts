/** A JSON object whose fields are not known yet. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Is the value a JSON object, that is neither null nor a list? */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Is the value a list of unknown things? Unlike `Array.isArray` it does not widen to `any`. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** What stands at a path of fields, or undefined where the path breaks off. */
export function readAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const field of path) {
    if (!isRecord(current)) return undefined;
    current = Object.hasOwn(current, field) ? current[field] : undefined;
  }
  return current;
}

/** The string at a path, or undefined where there is none. */
export function readString(value: unknown, ...path: readonly string[]): string | undefined {
  const found = readAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The number at a path, or undefined where there is none. */
export function readNumber(value: unknown, ...path: readonly string[]): number | undefined {
  const found = readAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The list at a path, empty where there is none. */
export function readList(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = readAt(value, ...path);
  return isList(found) ? found : [];
}

/** The JSON object at a path, empty where there is none. */
export function readRecord(value: unknown, ...path: readonly string[]): JsonRecord {
  const found = readAt(value, ...path);
  return isRecord(found) ? found : {};
}

/** The map of strings at a path (labels, annotations), without entries that are not strings. */
export function readStrings(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const entries = Object.entries(readRecord(value, ...path));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The JSON object in a text, empty where it is none. */
export function parseRecord(text: string): JsonRecord {
  try {
    return readRecord(JSON.parse(text));
  } catch {
    return {};
  }
}

/** `2026-01-02T03:04:05Z`: a moment as most documents write it, RFC 3339 in UTC with whole seconds. */
export function isoSeconds(moment: Date | number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}
