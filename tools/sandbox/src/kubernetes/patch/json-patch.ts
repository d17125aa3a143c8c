import { isDeepStrictEqual } from 'node:util';
import { isList, isRecord } from '../../json-value.ts';
import { badRequest, tooLarge, unprocessable } from '../status.ts';

const maxOperations = 10_000;

type Container = Record<string, unknown> | unknown[];

/**
 * Applies a JSON Patch (RFC 6902) in the reading of the library that the API server uses: an operation on a missing
 * parent fails, `replace` of a missing field adds it, `test` for null passes where there is nothing, and negative
 * indices count from the end.
 * @throws {ApiError} 400 when it is not a patch, 413 when it is too long, 422 when an operation does not apply.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!isList(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  if (patch.length > maxOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`);
  }
  const root = { document: structuredClone(document) };
  for (const operation of patch) {
    if (!isRecord(operation))
      throw badRequest(
        'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
      );
    apply(root, operation);
  }
  return root.document;
}

function apply(root: { document: unknown }, operation: Readonly<Record<string, unknown>>): void {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      locate(root, path, (container, key) => add(container, key, structuredClone(operation.value)));
      return;
    case 'remove':
      locate(root, path, remove);
      return;
    case 'replace':
      if (path.length === 0) root.document = structuredClone(operation.value);
      else locate(root, path, (container, key) => replace(container, key, structuredClone(operation.value)));
      return;
    case 'test': {
      const actual = path.length === 0 ? root.document : locate(root, path, get);
      if (!isDeepStrictEqual(actual ?? null, operation.value ?? null)) throw unprocessable();
      return;
    }
    case 'copy':
    case 'move': {
      const from = pointer(operation.from);
      const value: unknown = structuredClone(locate(root, from, get));
      if (operation.op === 'move') locate(root, from, remove);
      locate(root, path, (container, key) => add(container, key, value));
      return;
    }
    default:
      throw unprocessable();
  }
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string') throw unprocessable();
  // What stands before the first slash is ignored, also when it is not empty.
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function locate<Result>(
  root: { document: unknown },
  path: readonly string[],
  use: (container: Container, key: string) => Result,
): Result {
  const key = path.at(-1);
  if (key === undefined) throw unprocessable();
  let current = root.document;
  for (const part of path.slice(0, -1)) current = isContainer(current) ? get(current, part) : undefined;
  if (!isContainer(current)) throw unprocessable();
  return use(current, key);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function indexIn(key: string, limit: number): number {
  if (!/^-?\d+$/.test(key)) throw unprocessable();
  const number = Number(key);
  const index = number < 0 ? number + limit : number;
  if (index < 0 || index >= limit) throw unprocessable();
  return index;
}

function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[indexIn(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexIn(key, container.length + 1), 0, value);
}

function replace(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexIn(key, container.length)] = value;
  else setOwn(container, key, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(indexIn(key, container.length), 1);
  else if (Object.hasOwn(container, key)) Reflect.deleteProperty(container, key);
  else throw unprocessable();
}

function setOwn(container: Record<string, unknown>, key: string, value: unknown): void {
  // A plain assignment of `__proto__` would change the prototype instead of adding a field.
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}
