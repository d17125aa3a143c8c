import type { GoFunction } from '../evaluate/go-function.ts';
import { aString, fn1, fn2 } from '../evaluate/parameter.ts';
import { GoError } from '../go-error.ts';
import { parseConstraint, satisfies } from '../semver/constraint.ts';
import { parseVersion } from '../semver/version.ts';
import { bool } from '../values/value.ts';
import { versionPointer } from '../values/version.ts';

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
