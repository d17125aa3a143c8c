import type { GoFunction } from '../evaluate/go-function.ts';
import { BUILTINS } from './builtins.ts';
import { CHECKSUM_FUNCTIONS } from './checksums.ts';
import { DATE_FUNCTIONS } from './dates.ts';
import { DEFAULT_FUNCTIONS } from './defaults.ts';
import { DICT_FUNCTIONS } from './dicts.ts';
import { ENCODING_FUNCTIONS } from './encoding.ts';
import { CASE_FUNCTIONS } from './letter-case.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { PATH_FUNCTIONS } from './paths.ts';
import { RANDOM_FUNCTIONS } from './random.ts';
import { REFLECTION_FUNCTIONS } from './reflection.ts';
import { SEMVER_FUNCTIONS } from './semver.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { URL_FUNCTIONS } from './urls.ts';
import { WRAP_FUNCTIONS } from './wrap.ts';

/** The functions that come with the engine, by subject. */
export const FUNCTION_GROUPS: Readonly<Record<string, Readonly<Record<string, GoFunction>>>> = {
  'Of text/template itself': BUILTINS,
  Text: { ...STRING_FUNCTIONS, ...CASE_FUNCTIONS, ...WRAP_FUNCTIONS },
  Numbers: MATH_FUNCTIONS,
  Dates: DATE_FUNCTIONS,
  'Defaults, decisions and JSON': DEFAULT_FUNCTIONS,
  Lists: LIST_FUNCTIONS,
  Dictionaries: DICT_FUNCTIONS,
  Types: REFLECTION_FUNCTIONS,
  Encodings: ENCODING_FUNCTIONS,
  Checksums: CHECKSUM_FUNCTIONS,
  Versions: SEMVER_FUNCTIONS,
  Paths: PATH_FUNCTIONS,
  URLs: URL_FUNCTIONS,
  Chance: RANDOM_FUNCTIONS,
};

/** The names of the functions for regular expressions, whose engine is loaded for templates that use one. */
export const REGEX_NAMES = [
  'regexMatch',
  'mustRegexMatch',
  'regexFindAll',
  'mustRegexFindAll',
  'regexFind',
  'mustRegexFind',
  'regexReplaceAll',
  'mustRegexReplaceAll',
  'regexReplaceAllLiteral',
  'mustRegexReplaceAllLiteral',
  'regexSplit',
  'mustRegexSplit',
  'regexQuoteMeta',
] as const;

/** All of them in one map, which knows no name but theirs: not `constructor`, not `__proto__`. */
export const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map(
  Object.values(FUNCTION_GROUPS).flatMap(Object.entries),
);
