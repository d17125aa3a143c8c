import { aString, fn0, fn1, misfit } from '../funcs/func.ts';
import type { Parameter } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { pointerTo, STRING, structType, UINT64 } from '../reflect/type.ts';
import { bool, byteSlice, int, integer, string } from '../reflect/value.ts';
import type { GoFunction, PointerValue, StructValue, Value } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { compareVersions, formatVersion, incremented } from './version.ts';
import type { Version } from './version.ts';

const VERSION = structType('semver.Version', {
  major: UINT64,
  minor: UINT64,
  patch: UINT64,
  pre: STRING,
  metadata: STRING,
  original: STRING,
});

const VERSION_POINTER = pointerTo(VERSION);

/** A `semver.Version`. */
function versionValue({ major, minor, patch, prerelease, metadata, original }: Version): StructValue {
  const numbers = [major, minor, patch].map((segment) => integer(segment, UINT64));
  return { tag: 'struct', type: VERSION, values: [...numbers, ...[prerelease, metadata, original].map(string)] };
}

/** A `*semver.Version`. */
export function versionPointer(version: Version): PointerValue {
  return { tag: 'pointer', type: VERSION_POINTER, target: versionValue(version) };
}

/** The version that a `semver.Version`, or a pointer to one, holds; `undefined` of another value. */
export function versionFrom(value: Value): Version | undefined {
  const struct = value.tag === 'pointer' ? value.target : value;
  if (struct?.tag !== 'struct' || struct.type !== VERSION) return undefined;
  const [major, minor, patch, prerelease, metadata, original] = struct.values;
  return {
    major: number(major),
    minor: number(minor),
    patch: number(patch),
    prerelease: text(prerelease),
    metadata: text(metadata),
    original: text(original),
  };
}

/** What a `semver.Version` prints as; `undefined` of another struct. */
export function versionString(struct: StructValue): GoString | undefined {
  const version = versionFrom(struct);
  return version === undefined ? undefined : formatVersion(version);
}

function number(value: Value | undefined): bigint {
  return value?.tag === 'int' ? value.int : 0n;
}

function text(value: Value | undefined): GoString {
  return value?.tag === 'string' ? value.bytes : '';
}

const aVersion: Parameter<Version> = {
  type: VERSION_POINTER,
  read: (value) => (value === undefined ? undefined : versionFrom(value)) ?? misfit(VERSION_POINTER),
};

type Method = (version: Version) => GoFunction;

const comparison =
  (holds: (order: -1 | 0 | 1) => boolean): Method =>
  (version) =>
    fn1(aVersion, (other) => bool(holds(compareVersions(version, other))));
const segment =
  (name: 'major' | 'minor' | 'patch'): Method =>
  (version) =>
    fn0(() => integer(version[name], UINT64));
const next =
  (name: 'major' | 'minor' | 'patch'): Method =>
  (version) =>
    fn0(() => versionValue(incremented(version, name)));

/**
 * The methods of `semver.Version` itself.
 *
 * @see https://pkg.go.dev/github.com/Masterminds/semver/v3#Version
 */
export const VERSION_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['IncMajor', next('major')],
  ['IncMinor', next('minor')],
  ['IncPatch', next('patch')],
  ['Major', segment('major')],
  ['MarshalJSON', (version) => fn0(() => byteSlice(quote(formatVersion(version))))],
  ['MarshalText', (version) => fn0(() => byteSlice(formatVersion(version)))],
  ['Metadata', (version) => fn0(() => string(version.metadata))],
  ['Minor', segment('minor')],
  ['Patch', segment('patch')],
  ['Prerelease', (version) => fn0(() => string(version.prerelease))],
  ['SetMetadata', (version) => fn1(aString, (metadata) => versionValue(changed(version, { metadata })))],
  ['SetPrerelease', (version) => fn1(aString, (prerelease) => versionValue(changed(version, { prerelease })))],
  ['String', (version) => fn0(() => string(formatVersion(version)))],
]);

/** The methods that only `*semver.Version` has, which is what `semver` gives. */
export const VERSION_POINTER_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['Compare', (version) => fn1(aVersion, (other) => int(compareVersions(version, other)))],
  ['Equal', comparison((order) => order === 0)],
  ['GreaterThan', comparison((order) => order > 0)],
  ['GreaterThanEqual', comparison((order) => order >= 0)],
  ['LessThan', comparison((order) => order < 0)],
  ['LessThanEqual', comparison((order) => order <= 0)],
  ['Original', (version) => fn0(() => string(version.original))],
]);

function changed(version: Version, change: Partial<Pick<Version, 'metadata' | 'prerelease'>>): Version {
  const next = { ...version, ...change };
  for (const part of next.prerelease.split('.')) {
    if (!/^[0-9A-Za-z-]*$/.test(part)) throw new GoError('Invalid Prerelease string');
    if (/^0[0-9]+$/.test(part)) throw new GoError('Version segment starts with 0');
  }
  if (!/^[0-9A-Za-z.-]*$/.test(next.metadata)) throw new GoError('Invalid Metadata string');
  return { ...next, original: (version.original.startsWith('v') ? 'v' : '') + formatVersion(next) };
}
