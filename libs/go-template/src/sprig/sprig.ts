import { BUILTINS } from '../funcs/builtins.ts';
import type { GoFunction } from '../funcs/func.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { DATE_FUNCTIONS } from './dates.ts';
import { DEFAULT_FUNCTIONS, REFLECTION_FUNCTIONS } from './defaults.ts';
import { DICT_FUNCTIONS } from './dicts.ts';
import { CHECKSUM_FUNCTIONS, ENCODING_FUNCTIONS } from './encoding.ts';
import { CASE_FUNCTIONS } from './letter-case.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { RANDOM_FUNCTIONS } from './random.ts';
import { PATH_FUNCTIONS, SEMVER_FUNCTIONS, URL_FUNCTIONS } from './semver-paths-urls.ts';
import { STRING_FUNCTIONS } from './strings.ts';
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

const READS_ENVIRONMENT = "it reads the program's environment, where secrets are";
const ASKS_NETWORK = 'it asks the network, which a message must not wait for';
const MAKES_KEYS = 'it makes keys or certificates, which have no place in a message';
const HASHES_PASSWORDS = 'it is for passwords, which have no place in a message, and slow on purpose';
const ENCRYPTS = 'it encrypts with a key that would stand in the template';

/** sprig's functions that templates can't use, and why: a template that names one is refused at the start. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  env: READS_ENVIRONMENT,
  expandenv: READS_ENVIRONMENT,
  getHostByName: ASKS_NETWORK,
  bcrypt: HASHES_PASSWORDS,
  htpasswd: HASHES_PASSWORDS,
  derivePassword: HASHES_PASSWORDS,
  genPrivateKey: MAKES_KEYS,
  buildCustomCert: MAKES_KEYS,
  genCA: MAKES_KEYS,
  genCAWithKey: MAKES_KEYS,
  genSelfSignedCert: MAKES_KEYS,
  genSelfSignedCertWithKey: MAKES_KEYS,
  genSignedCert: MAKES_KEYS,
  genSignedCertWithKey: MAKES_KEYS,
  encryptAES: ENCRYPTS,
  decryptAES: ENCRYPTS,
};

/** All of them in one map, which knows no name but theirs: not `constructor`, not `__proto__`. */
export const FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map(
  Object.values(FUNCTION_GROUPS).flatMap(Object.entries),
);

const REGEX: ReadonlySet<string> = new Set(REGEX_NAMES);
const REFUSED = new Map(Object.entries(REFUSED_FUNCTIONS));

/** What keeps a template from calling a function: that there is none of that name, or that it is refused. */
export function functionProblem(name: GoString): GoString | undefined {
  if (FUNCTIONS.has(name) || REGEX.has(name)) return undefined;
  const reason = REFUSED.get(name);
  return reason === undefined
    ? `function ${quote(name)} not defined`
    : `function ${quote(name)} is refused in a webhook template: ${reason}`;
}

/** The functions for a template that uses these names; the engine for regular expressions comes with them only where it is needed. */
export async function functionsFor(names: ReadonlySet<string>): Promise<ReadonlyMap<string, GoFunction>> {
  if (!REGEX_NAMES.some((name) => names.has(name))) return FUNCTIONS;
  const { REGEX_FUNCTIONS } = await import('./regex.ts');
  return new Map([...FUNCTIONS, ...Object.entries(REGEX_FUNCTIONS)]);
}
