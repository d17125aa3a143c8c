import { formatGoUrl, hostname, parseGoUrl } from '../encoding/url.ts';
import { aDict, aString, fn1, fn2 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { bool, dict, string } from '../reflect/value.ts';
import type { GoFunction, MapValue } from '../reflect/value.ts';
import { parseConstraint, satisfies } from '../semver/constraint.ts';
import { versionPointer } from '../semver/value.ts';
import { parseVersion } from '../semver/version.ts';
import type { GoString } from '../unicode/utf8.ts';

/** sprig's functions for semantic versions. */
export const SEMVER_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  semver: fn1(aString, (text) => versionPointer(read(parseVersion(text)))),
  semverCompare: fn2(aString, aString, (constraint, version) => {
    const parsed = read(parseConstraint(constraint));
    return bool(satisfies(read(parseVersion(version)), parsed));
  }),
};

function read<T extends object>(outcome: T | { readonly problem: string }): T {
  if ('problem' in outcome) throw new GoError(outcome.problem);
  return outcome;
}

const base = fn1(aString, (path) => string(baseOf(path)));
const clean = fn1(aString, (path) => string(cleaned(path)));
const dir = fn1(aString, (path) => string(cleaned(path.slice(0, path.lastIndexOf('/') + 1))));
const ext = fn1(aString, (path) => string(/\.[^./]*$/.exec(path)?.[0] ?? ''));
const isAbs = fn1(aString, (path) => bool(path.startsWith('/')));

/** sprig's functions for paths; those with `os` are what they are on Linux. */
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

/** sprig's functions for URLs. */
export const URL_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  urlParse: fn1(aString, (text) => {
    const url = parseGoUrl(text);
    if ('problem' in url) throw new GoError(`unable to parse url: ${url.problem}`);
    const parts = { ...url, hostname: hostname(url), userinfo: url.userinfo ?? '' };
    return dict(Object.entries(parts).map(([name, part]) => [name, string(part)] as const));
  }),
  urlJoin: fn1(aDict, (parts) => {
    const part = (name: string): GoString => partOf(parts, name);
    const userinfo = part('userinfo');
    return string(
      formatGoUrl({
        scheme: part('scheme'),
        host: part('host'),
        path: part('path'),
        query: part('query'),
        opaque: part('opaque'),
        fragment: part('fragment'),
        userinfo: userinfo === '' ? undefined : normalizedUserinfo(userinfo),
      }),
    );
  }),
};

function partOf({ entries }: MapValue, name: string): GoString {
  const value = entries.get(name);
  if (value === undefined) return '';
  if (value.tag === 'string') return value.bytes;
  if (value.tag === 'nil') throw new GoError('runtime error: invalid memory address or nil pointer dereference');
  throw new GoError(`unable to parse ${name} key, must be of type string, but ${value.type.kind} found`);
}

function normalizedUserinfo(userinfo: GoString): GoString | undefined {
  const url = parseGoUrl(`proto://${userinfo}@host`);
  if ('problem' in url) throw new GoError(`unable to parse userinfo in dict: ${url.problem}`);
  return url.userinfo;
}
