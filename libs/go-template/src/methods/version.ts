import type { GoFunction } from '../evaluate/go-function.ts';
import { aString, aVersion, fn0, fn1 } from '../evaluate/parameter.ts';
import { GoError } from '../go-error.ts';
import { quote } from '../text/quote.ts';
import { compareVersions, formatVersion, incremented } from '../semver/version.ts';
import type { Version } from '../semver/version.ts';
import { UINT64 } from '../values/types.ts';
import { bool, byteSlice, int, integer, string } from '../values/value.ts';
import { versionValue } from '../values/version.ts';

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
