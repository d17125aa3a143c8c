import { comparePrereleases, compareVersions, parseVersion } from './version.ts';
import type { Version, VersionProblem } from './version.ts';

/** One comparison of a constraint, with what its version left open: `1.x` all below the major, `1.2.x` the patch. */
interface Comparison {
  readonly operator: string;
  readonly version: Version;
  readonly isMinorOpen: boolean;
  readonly isPatchOpen: boolean;
  /** Whether anything is left open. */
  readonly isOpen: boolean;
}

/** Alternatives, each of comparisons that all must hold. */
export type Constraint = readonly (readonly Comparison[])[];

const OPERATORS = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^';
const SEGMENT = '[0-9xX*|]+';
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = `v?(${SEGMENT})(\\.${SEGMENT})?(\\.${SEGMENT})?(-${IDENTIFIERS})?(\\+${IDENTIFIERS})?`;
const COMPARISON = `(${OPERATORS})\\s*(${VERSION})`;
const UNCAPTURED = COMPARISON.replaceAll(/\((?!\?)/g, '(?:');

const SINGLE = new RegExp(`^\\s*${COMPARISON}\\s*$`);
const EACH = new RegExp(UNCAPTURED, 'g');
const WHOLE = new RegExp(`^\\s*${UNCAPTURED}\\s*(?:(?:\\s+|,\\s*)${UNCAPTURED}\\s*)*$`);
const RANGE = new RegExp(`\\s*(${VERSION})\\s+-\\s+(${VERSION})\\s*`, 'g');

/** The longest constraint that is looked at: nobody writes longer ones. */
const LENGTH_LIMIT = 256;

/**
 * Reads a constraint such as `>=1.2 <2 || ^3.1`.
 *
 * @see https://github.com/Masterminds/semver/blob/v3.3.0/README.md#checking-version-constraints
 */
export function parseConstraint(text: string): Constraint | VersionProblem {
  if (text.length > LENGTH_LIMIT) return { problem: `constraint is longer than ${LENGTH_LIMIT} characters` };
  const alternatives: (readonly Comparison[])[] = [];
  for (const alternative of rewriteRanges(text).split('||')) {
    // With one way only to divide the blanks, the expression has nothing to backtrack over.
    const tidied = alternative.replace(/\s+/g, ' ').replace(/ ?, ?/g, ',');
    if (!WHOLE.test(tidied)) return { problem: `improper constraint: ${alternative}` };
    const comparisons: Comparison[] = [];
    for (const [comparison] of alternative.matchAll(EACH)) {
      const parsed = parseComparison(comparison);
      if ('problem' in parsed) return parsed;
      comparisons.push(parsed);
    }
    alternatives.push(comparisons);
  }
  return alternatives;
}

/** `1.2 - 1.4` stands for `>= 1.2, <= 1.4`. */
function rewriteRanges(text: string): string {
  return text.replace(RANGE, (...match: string[]) => `>= ${match[1]}, <= ${match[7]} `);
}

function parseComparison(text: string): Comparison | VersionProblem {
  const match = SINGLE.exec(text);
  if (match === null) return { problem: `improper constraint: ${text}` };
  const [, operator = '', whole = '', major = '', minor = '', patch = '', prerelease = ''] = match;
  const isAnyMajor = isWildcard(major);
  const isMinorOpen = !isAnyMajor && isWildcard(minor);
  const isPatchOpen = !isAnyMajor && !isMinorOpen && isWildcard(patch);
  const written = isAnyMajor
    ? `0.0.0${prerelease}`
    : isMinorOpen
      ? `${major}.0.0${prerelease}`
      : isPatchOpen
        ? `${major}${minor}.0${prerelease}`
        : whole;
  const version = parseVersion(written);
  if ('problem' in version) return { problem: 'constraint Parser Error' };
  return { operator, version, isMinorOpen, isPatchOpen, isOpen: isAnyMajor || isMinorOpen || isPatchOpen };
}

function isWildcard(segment: string): boolean {
  return ['', 'x', 'X', '*'].includes(segment.replace(/^\./, ''));
}

/** Whether a version is one that the constraint lets pass. */
export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.some((comparisons) => comparisons.every((comparison) => holds(version, comparison)));
}

function holds(version: Version, comparison: Comparison): boolean {
  const { operator } = comparison;
  if (operator === '!=') return isDifferent(version, comparison);
  // Prereleases are for those who ask for them.
  if (version.prerelease !== '' && comparison.version.prerelease === '') return false;
  const order = compareVersions(version, comparison.version);
  switch (operator) {
    case '>':
      return isGreater(version, comparison);
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      return isAtMost(version, comparison);
    case '~':
    case '~>':
      return isTilde(version, comparison);
    case '^':
      return isCaret(version, comparison);
    default:
      return comparison.isOpen ? isTilde(version, comparison) : order === 0;
  }
}

function isDifferent(version: Version, { version: other, isOpen, isMinorOpen, isPatchOpen }: Comparison): boolean {
  if (isOpen) {
    if (version.prerelease !== '' && other.prerelease === '') return false;
    if (version.major !== other.major) return true;
    if (isMinorOpen) return false;
    if (version.minor !== other.minor) return true;
    if (isPatchOpen) {
      const hasPrerelease = version.prerelease !== '' || other.prerelease !== '';
      return hasPrerelease && comparePrereleases(version.prerelease, other.prerelease) !== 0;
    }
    if (version.patch !== other.patch) return true;
  }
  return compareVersions(version, other) !== 0;
}

function isGreater(version: Version, { version: other, isOpen, isMinorOpen, isPatchOpen }: Comparison): boolean {
  if (!isOpen) return compareVersions(version, other) > 0;
  if (version.major !== other.major) return version.major > other.major;
  if (isMinorOpen) return false;
  return isPatchOpen ? version.minor > other.minor : compareVersions(version, other) > 0;
}

function isAtMost(version: Version, { version: other, isOpen, isMinorOpen }: Comparison): boolean {
  if (!isOpen) return compareVersions(version, other) <= 0;
  if (version.major > other.major) return false;
  return !(version.major === other.major && version.minor > other.minor && !isMinorOpen);
}

function isTilde(version: Version, { version: other, isMinorOpen, isPatchOpen }: Comparison): boolean {
  if (compareVersions(version, other) < 0) return false;
  const isZero = other.major === 0n && other.minor === 0n && other.patch === 0n;
  if (isZero && !isMinorOpen && !isPatchOpen) return true;
  return version.major === other.major && (version.minor === other.minor || isMinorOpen);
}

function isCaret(version: Version, { version: other, isMinorOpen, isPatchOpen }: Comparison): boolean {
  if (compareVersions(version, other) < 0) return false;
  if (version.major !== other.major) return false;
  if (other.major > 0n || isMinorOpen) return true;
  if (version.minor !== other.minor) return false;
  return other.minor > 0n || isPatchOpen || version.patch === other.patch;
}
