import * as v from 'valibot';
import { parseFlags, quote } from './flags.ts';
import type { GivenFlag } from './flags.ts';
import type { Program, Setting, SettingsOf } from './setting.ts';
import { suggest } from './suggest.ts';

/** Where settings come from. */
export interface SettingsInput<P extends Program> {
  /** The arguments of the command line, without the program: `process.argv.slice(2)`. */
  readonly argv: readonly string[];
  /** The environment: `process.env`. An empty variable counts as unset. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program: P;
}

/** By variable: what its value was given as, such as `--node-name`, `NODE_NAME` or `GRACE_PERIOD`. Defaults are not in it. */
export type Given = ReadonlyMap<string, string>;

/** The outcome of parsing: settings, a request for help or the version, or one message about every problem. */
export type ParsedSettings<S> =
  | {
      readonly ok: true;
      readonly mode: 'run' | 'check';
      readonly settings: S;
      /** One sentence each, worth a line of the log: deprecated names, likely typos, settings without effect. */
      readonly warnings: readonly string[];
      readonly given: Given;
    }
  | { readonly ok: true; readonly mode: 'help' }
  | { readonly ok: true; readonly mode: 'version' }
  | {
      readonly ok: false;
      /** For people: every problem, on a line each. Holds no secret. */
      readonly message: string;
      readonly problems: readonly string[];
    };

/** Rules over several settings, applied when each is valid by itself. May fill in what follows from others. */
export type CrossCheck<S> = (
  settings: S,
  given: Given,
) => { readonly settings: S; readonly problems: readonly string[]; readonly warnings: readonly string[] };

/**
 * Parses the settings of a program from its command line and environment; a flag wins over a variable.
 *
 * @param crossCheck - Rules over several settings. Default: none.
 */
export function parseSettings<const Rows extends readonly Setting[], P extends Program>(
  rows: Rows,
  input: SettingsInput<P>,
  crossCheck?: CrossCheck<SettingsOf<Rows, P>>,
): ParsedSettings<SettingsOf<Rows, P>> {
  const flags = parseFlags(rows, input.argv);
  if (flags.mode === 'help' || flags.mode === 'version') return { ok: true, mode: flags.mode };

  const sources = findSources(rows, input, flags.given);
  const problems = [...flags.problems];
  const values: Record<string, unknown> = {};
  const given = new Map<string, string>();

  for (const row of rows.filter(({ programs }) => programs.includes(input.program))) {
    const source = sources.byVariable.get(row.name);
    if (source !== undefined) given.set(row.name, source.name);
    const value = valueOf(row, source, input.program, problems);
    values[row.key] = value;
  }

  // The type is computed from the very rows that filled the object.
  const settings = values as SettingsOf<Rows, P>;
  const checked = problems.length === 0 ? crossCheck?.(settings, given) : undefined;
  problems.push(...(checked?.problems ?? []));
  if (problems.length > 0) return failure(input.program, problems);
  return {
    ok: true,
    mode: flags.mode,
    settings: checked?.settings ?? settings,
    warnings: [...sources.warnings, ...(checked?.warnings ?? [])],
    given,
  };
}

interface Source {
  /** As the user wrote it: `--node-name` or `NODE_NAME`. */
  readonly name: string;
  readonly text: string;
}

function valueOf(row: Setting, source: Source | undefined, program: Program, problems: string[]): unknown {
  const missing = row.default === undefined && row.required.includes(program);
  if (source === undefined) {
    if (missing) problems.push(`${row.name} is missing: set ${row.name} or --${row.flags[0]} to ${row.type.allowed}`);
    return row.default;
  }
  const parsed = v.safeParse(row.type.schema, source.text, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const shown = row.secret ? '' : `=${quote(withoutUserInfo(source.text))}`;
  const from = source.name === row.name ? '' : ` (from ${source.name})`;
  problems.push(`${row.name}${shown}${from}: must be ${row.type.allowed}`);
  return undefined;
}

/** A URL that failed to parse may still hold a password. */
function withoutUserInfo(text: string): string {
  return text.replace(/\/\/.*@/s, '//…@');
}

function findSources<P extends Program>(
  rows: readonly Setting[],
  { env, program }: SettingsInput<P>,
  flags: ReadonlyMap<string, GivenFlag>,
): { byVariable: ReadonlyMap<string, Source>; warnings: readonly string[] } {
  const byVariable = new Map<string, Source>();
  const warnings: string[] = [];
  const unused: string[] = [];

  const find = (variable: string): Source | undefined => {
    const flag = flags.get(variable);
    // An empty flag takes a variable back: the default counts again.
    if (flag !== undefined) return flag.text === '' ? undefined : { name: flag.spelling, text: flag.text };
    const text = env[variable];
    return text === undefined || text === '' ? undefined : { name: variable, text };
  };

  for (const row of rows) {
    const current = [row.name, ...row.alsoNamed].map((name) => find(name)).find((source) => source !== undefined);
    const former = row.deprecated.map((name) => find(name)).find((source) => source !== undefined);
    const source = current ?? former;
    if (source === undefined) continue;
    if (!row.programs.includes(program)) {
      unused.push(source.name);
      continue;
    }
    byVariable.set(row.name, source);
    if (former !== undefined) {
      warnings.push(
        current === undefined
          ? `${former.name} is deprecated: use ${row.name} or --${row.flags[0]}`
          : `${former.name} is deprecated and has no effect, because ${current.name} is set`,
      );
    }
  }
  if (unused.length > 0) warnings.push(`${program} does not use: ${unused.join(', ')}`);
  return { byVariable, warnings: [...warnings, ...typos(rows, env)] };
}

function typos(rows: readonly Setting[], env: SettingsInput<Program>['env']): string[] {
  const known = new Set(rows.flatMap((row) => [row.name, ...row.alsoNamed, ...row.deprecated]));
  return Object.keys(env).flatMap((name) => {
    if (known.has(name)) return [];
    const meant = suggest(name, known);
    return meant === undefined ? [] : [`${quote(name)} is not a setting; did you mean ${meant}?`];
  });
}

function failure(program: Program, problems: readonly string[]): ParsedSettings<never> {
  const count = problems.length === 1 ? 'a setting is wrong' : `${problems.length} settings are wrong`;
  const lines = problems.map((problem) => `  - ${problem}`);
  return {
    ok: false,
    problems,
    message: `${program} cannot start: ${count}\n${lines.join('\n')}\nSee --help for every setting.`,
  };
}
