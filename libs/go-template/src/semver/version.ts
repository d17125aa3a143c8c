import { quote } from '../strconv/quote.ts';

/** A semantic version; parts that were not written are zero. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  /** As it was written. */
  readonly original: string;
}

/** What keeps a text from being a version, in Masterminds' words. */
export interface VersionProblem {
  readonly problem: string;
}

const VERSION =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/**
 * Reads a version, shortened ones such as `v1.2` too.
 *
 * @see https://pkg.go.dev/github.com/Masterminds/semver/v3#NewVersion
 */
export function parseVersion(original: string): Version | VersionProblem {
  const match = original.includes('\n') ? null : VERSION.exec(original);
  if (match === null) return { problem: 'Invalid Semantic Version' };
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  for (const segment of [major, minor, patch]) {
    if (BigInt(segment) >= 2n ** 64n) {
      const cause = `strconv.ParseUint: parsing ${quote(segment)}: value out of range`;
      return { problem: `Error parsing version segment: ${cause}` };
    }
  }
  if (prerelease.split('.').some((part) => /^0[0-9]+$/.test(part))) return { problem: 'Version segment starts with 0' };
  return { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch), prerelease, metadata, original };
}

export function formatVersion({ major, minor, patch, prerelease, metadata }: Omit<Version, 'original'>): string {
  const suffix = (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`);
  return `${major}.${minor}.${patch}${suffix}`;
}

/** Less than, equal to or greater than 0, by precedence: metadata does not count. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compare(a.major, b.major) ||
    compare(a.minor, b.minor) ||
    compare(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  );
}

function compare(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A release comes after its own prereleases. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareParts(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string, b: string): -1 | 0 | 1 {
  if (a === '' || b === '') return compare(a, b);
  const isNumberA = isNumber(a);
  const isNumberB = isNumber(b);
  if (isNumberA && isNumberB) return compare(BigInt(a), BigInt(b));
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return compare(a, b);
}

function isNumber(part: string): boolean {
  return /^[0-9]+$/.test(part) && BigInt(part) < 2n ** 64n;
}

/** The next patch, minor or major version; a prerelease's next patch is its own release. */
export function incremented(version: Version, segment: 'major' | 'minor' | 'patch'): Version {
  const { major, minor, patch, prerelease, original } = version;
  const next = {
    major: segment === 'major' ? major + 1n : major,
    minor: segment === 'major' ? 0n : segment === 'minor' ? minor + 1n : minor,
    patch: segment !== 'patch' ? 0n : prerelease === '' ? patch + 1n : patch,
    prerelease: '',
    metadata: '',
  };
  return { ...next, original: (original.startsWith('v') ? 'v' : '') + formatVersion(next) };
}
