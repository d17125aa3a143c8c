import type { JsonPatch } from '../mark/patch.ts';

/** Thrown when an operation does not apply, as a server answers 422. */
export class PatchFailed extends Error {}

/** Applies a JSON Patch as the API server's library does: a missing value equals a tested `null`. */
export function applyJsonPatch<T>(document: T, patch: JsonPatch): T {
  const result = structuredClone(document);
  for (const operation of patch) {
    const segments = operation.path
      .split('/')
      .slice(1)
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
    const key = segments.pop()!;
    let parent: unknown = result;
    for (const segment of segments) parent = isContainer(parent) ? Reflect.get(parent, segment) : undefined;
    if (!isContainer(parent)) throw new PatchFailed(`no such path: ${operation.path}`);
    const known: unknown = Object.hasOwn(parent, key) ? Reflect.get(parent, key) : undefined;
    switch (operation.op) {
      case 'test':
        if (canonical(known ?? null) !== canonical(operation.value)) throw new PatchFailed(`test: ${operation.path}`);
        break;
      case 'add':
        if (Array.isArray(parent) && key === '-') parent.push(operation.value);
        else Reflect.set(parent, key, operation.value);
        break;
      case 'replace':
        if (known === undefined) throw new PatchFailed(`replace: ${operation.path}`);
        Reflect.set(parent, key, operation.value);
        break;
      case 'remove':
        if (known === undefined) throw new PatchFailed(`remove: ${operation.path}`);
        Reflect.deleteProperty(parent, key);
        break;
    }
  }
  return result;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isContainer(inner) && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
