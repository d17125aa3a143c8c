import type { GenericSchema } from 'valibot';

/** The programs whose settings are described here. */
export type Program = 'imds-agent' | 'queue-processor';

/** How the text of a variable or flag becomes a value, and how both are written down for people. */
export interface SettingType<T> {
  /** Parses the text; its issues are never shown, `allowed` is. */
  readonly schema: GenericSchema<string, T>;
  /** What is allowed, in words that complete "must be …". */
  readonly allowed: string;
  /** Writes a value as somebody would write it in a variable. */
  format(value: T): string;
  /** True for a boolean: its flag may stand alone (`--dry-run`). */
  readonly standsAlone?: true;
}

/** `NODE_NAME` becomes `nodeName`. */
export type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${PascalCase<Rest>}`
  : Lowercase<Name>;

type PascalCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Capitalize<Lowercase<First>>}${PascalCase<Rest>}`
  : Capitalize<Lowercase<Name>>;

/** A setting, complete with the names derived from its variable. */
export interface Setting<
  Name extends string = string,
  Key extends string = string,
  T = unknown,
  P extends Program = Program,
  R extends Program = Program,
  D extends T | undefined = T | undefined,
> {
  /** The environment variable. */
  readonly name: Name;
  /** The property of the parsed settings. Default: the variable's name in camelCase. */
  readonly key: Key;
  /**
   * Spellings of the flag without dashes, of which the first is the one that help shows; the variable's name in kebab-case is among them.
   * Default: it alone.
   */
  readonly flags: readonly [string, ...string[]];
  readonly type: SettingType<T>;
  /** The programs that read it. */
  readonly programs: readonly P[];
  /** The programs that do not start without it. Default: none. */
  readonly required: readonly R[];
  /** The value when neither the variable nor the flag is given. Default: `undefined`. */
  readonly default: D;
  /** What `--help` shows when there is no default value to show, such as "in-cluster". Default: a dash. */
  readonly defaultText: string | undefined;
  /** The value is never printed. Default: false. */
  readonly secret: boolean;
  /** Other names of the variable, which count where it is unset: `https_proxy` beside `HTTPS_PROXY`. Default: none. */
  readonly alsoNamed: readonly string[];
  /** Former names of the variable, which work with a warning. Default: none. */
  readonly deprecated: readonly string[];
  /** The Go handler has no such setting. Default: false. */
  readonly new: boolean;
  /** The heading it stands under in help and documentation. */
  readonly subject: string;
  readonly description: string;
}

/** What a row says of a setting; all else has a default, or is shared with its neighbours. */
export type SettingRow<Name extends string, Key extends string, T, R extends Program, D extends T | undefined> = Pick<
  Setting<Name, Key, T, Program, R, D>,
  'name' | 'type' | 'description'
> &
  Partial<Omit<Setting<Name, Key, T, Program, R, D>, 'name' | 'type' | 'description' | 'programs' | 'subject'>>;

type ValueOf<Row extends Setting, P extends Program> = undefined extends Row['default']
  ? P extends Row['required'][number]
    ? TypeOf<Row>
    : TypeOf<Row> | undefined
  : TypeOf<Row>;

type TypeOf<Row extends Setting> = Row['type'] extends SettingType<infer T> ? T : never;

/** The settings object that `rows` give to `program`: its type follows from the rows alone. */
export type SettingsOf<Rows extends readonly Setting[], P extends Program> = {
  readonly [Row in Rows[number] as P extends Row['programs'][number] ? Row['key'] : never]: ValueOf<Row, P>;
};

/**
 * A way to describe settings that stand under one heading and are read by the same programs; everything else – parsing, help, documentation,
 * types – follows from their rows.
 *
 * @example
 * ```ts
 * const setting = settingsAbout('Queue', 'queue-processor');
 * const workers = setting({ name: 'WORKERS', type: integer({ min: 1, max: 1000 }), default: 10, description: 'Concurrent drains.' });
 * ```
 */
export function settingsAbout<const P extends Program>(subject: string, ...programs: readonly P[]) {
  return <
    const Name extends string,
    T,
    const R extends Program = never,
    const D extends T | undefined = undefined,
    const Key extends string = CamelCase<Name>,
  >(
    row: SettingRow<Name, Key, T, R, D>,
  ): Setting<Name, Key, T, P, R, D> => {
    const kebab = row.name.toLowerCase().replaceAll('_', '-');
    const [first = kebab, ...others] = row.flags ?? [];
    return {
      ...{ required: [], defaultText: undefined, secret: false, alsoNamed: [], deprecated: [], new: false },
      ...row,
      key: (row.key ?? camelCase(row.name)) as Key,
      flags: [first, ...new Set([...others, kebab].filter((flag) => flag !== first))],
      default: row.default as D,
      programs,
      subject,
    };
  };
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The default of a setting as help and documentation show it; `undefined` when there is none. */
export function defaultText(row: Setting): string | undefined {
  return row.defaultText ?? (row.default === undefined ? undefined : row.type.format(row.default));
}
