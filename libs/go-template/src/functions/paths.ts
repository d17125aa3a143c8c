import type { GoFunction } from '../evaluate/go-function.ts';
import { aString, fn1 } from '../evaluate/parameter.ts';
import type { GoString } from '../text/bytes.ts';
import { bool, string } from '../values/value.ts';

const base = fn1(aString, (path) => string(baseOf(path)));
const clean = fn1(aString, (path) => string(cleaned(path)));
const dir = fn1(aString, (path) => string(cleaned(path.slice(0, path.lastIndexOf('/') + 1))));
const ext = fn1(aString, (path) => string(/\.[^./]*$/.exec(path)?.[0] ?? ''));
const isAbs = fn1(aString, (path) => bool(path.startsWith('/')));

/** sprig's functions for paths; those with `os` are the same here, where the incumbent runs on Linux. */
export const PATH_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  base,
  clean,
  dir,
  ext,
  isAbs,
  osBase: base,
  osClean: clean,
  osDir: dir,
  osExt: ext,
  osIsAbs: isAbs,
};

function baseOf(path: GoString): GoString {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Go's `path.Clean`: the shortest path that leads to the same. */
function cleaned(path: GoString): GoString {
  const isRooted = path.startsWith('/');
  const parts: GoString[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const isUp = part === '..';
    if (isUp && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!(isUp && isRooted)) parts.push(part);
  }
  return (isRooted ? '/' : '') + parts.join('/') || '.';
}
