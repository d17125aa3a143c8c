import { formatVersion } from '../semver/version.ts';
import type { Version } from '../semver/version.ts';
import type { GoString } from '../text/bytes.ts';
import { pointerTo, STRING, UINT64 } from './types.ts';
import type { GoType } from './types.ts';
import { integer, string } from './value.ts';
import type { PointerValue, StructValue, Value } from './value.ts';

const VERSION: GoType = {
  name: 'semver.Version',
  kind: 'struct',
  fields: [
    { name: 'major', type: UINT64, isUnexported: true },
    { name: 'minor', type: UINT64, isUnexported: true },
    { name: 'patch', type: UINT64, isUnexported: true },
    { name: 'pre', type: STRING, isUnexported: true },
    { name: 'metadata', type: STRING, isUnexported: true },
    { name: 'original', type: STRING, isUnexported: true },
  ],
};

export const VERSION_POINTER = pointerTo(VERSION);

/** A `semver.Version`. */
export function versionValue({ major, minor, patch, prerelease, metadata, original }: Version): StructValue {
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
