import { refused } from '../funcs/funcmap.ts';
import type { FuncMap, GoFunc } from '../funcs/funcmap.ts';
import type { GoFunction } from '../reflect/value.ts';
import { dateFunctions } from './dates.ts';
import { DEFAULT_FUNCTIONS, REFLECTION_FUNCTIONS } from './defaults.ts';
import { DICT_FUNCTIONS } from './dicts.ts';
import { CHECKSUM_FUNCTIONS, ENCODING_FUNCTIONS } from './encoding.ts';
import { environmentFunctions } from './environment.ts';
import { CASE_FUNCTIONS } from './letter-case.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { RANDOM_FUNCTIONS } from './random.ts';
import { PATH_FUNCTIONS, SEMVER_FUNCTIONS, URL_FUNCTIONS } from './semver-paths-urls.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { WRAP_FUNCTIONS } from './wrap.ts';

/** What sprig's functions depend on beside their arguments. */
export interface SprigOptions {
  /** The clock of `now`, `ago` and their like. Default: the computer's. */
  readonly now?: () => Date;
  /**
   * The variables that `env` and `expandenv` give; those that are `undefined` are empty. A template that asks for another one fails. The
   * environment itself is never read. Default: templates that name the two functions are refused.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A template's own `now`, where its user hands in none: a pure library has no clock. */
// eslint-disable-next-line no-restricted-syntax -- as above
const machineNow = (): Date => new Date();

/** The functions that need no engine for regular expressions, by subject. */
export function sprigGroups({ now = machineNow, env }: SprigOptions = {}): Readonly<
  Record<string, Readonly<Record<string, GoFunction>>>
> {
  return {
    Text: { ...STRING_FUNCTIONS, ...CASE_FUNCTIONS, ...WRAP_FUNCTIONS },
    Numbers: MATH_FUNCTIONS,
    Dates: dateFunctions(now),
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
    ...(env === undefined ? {} : { Environment: environmentFunctions(env) }),
  };
}

/**
 * Gives sprig's functions but those for regular expressions, whose engine is most of what loading this library costs.
 *
 * Those in {@link SPRIG_REFUSED} are refused.
 *
 * @see https://masterminds.github.io/sprig/
 */
export function sprigFunctionsWithoutRegex(options: SprigOptions = {}): FuncMap {
  const refusals = Object.entries(SPRIG_REFUSED).map(([name, reason]) => [name, refused(reason)] as const);
  const functions = Object.values(sprigGroups(options)).flatMap(Object.entries<GoFunction>);
  return Object.fromEntries<GoFunc>([...refusals, ...functions]);
}

const READS_ENVIRONMENT = "it reads the program's environment, where secrets are";
const ASKS_NETWORK = 'it asks the network, which a template must not wait for';
const MAKES_KEYS = 'it makes keys or certificates, which have no place in a template';
const HASHES_PASSWORDS = 'it is for passwords, which have no place in a template, and slow on purpose';
const ENCRYPTS = 'it encrypts with a key that would stand in the template';

/** sprig's functions that templates can't use, and why; a template that names one does not parse. */
export const SPRIG_REFUSED: Readonly<Record<string, string>> = {
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
