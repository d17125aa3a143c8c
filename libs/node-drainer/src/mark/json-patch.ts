/** One operation of a JSON Patch. See https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  { op: 'test' | 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/** A JSON Patch: all operations apply, or none. */
export type JsonPatch = readonly JsonPatchOperation[];

/** Joins segments into a JSON pointer. See https://www.rfc-editor.org/rfc/rfc6901 */
export function jsonPointer(...segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
