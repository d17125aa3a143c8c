import type { Setting } from './setting.ts';
import { suggest } from './suggest.ts';
import { isBooleanWord } from './types/choice.ts';

/** What the program is asked to do: run, check its configuration and end, or print its help or version and end. */
export type Mode = 'run' | 'check' | 'help' | 'version';

/** A flag of a setting as it was written, such as `--node-name`, and its text. */
export interface GivenFlag {
  readonly spelling: string;
  readonly text: string;
}

/** The command line, taken apart. */
export interface ParsedFlags {
  readonly mode: Mode;
  /** By the variable's name, or the deprecated name that the flag was made from. */
  readonly given: ReadonlyMap<string, GivenFlag>;
  readonly problems: readonly string[];
}

const modes = new Map<string, Mode>([
  ['help', 'help'],
  ['h', 'help'],
  ['version', 'version'],
  ['check', 'check'],
]);
const precedence: readonly Mode[] = ['run', 'check', 'version', 'help'];

interface KnownFlag {
  readonly variable: string;
  readonly standsAlone: boolean;
}

function knownFlags(rows: readonly Setting[]): ReadonlyMap<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  for (const row of rows) {
    const standsAlone = row.type.standsAlone ?? false;
    for (const flag of row.flags) known.set(flag, { variable: row.name, standsAlone });
    for (const variable of row.deprecated) {
      known.set(variable.toLowerCase().replaceAll('_', '-'), { variable, standsAlone });
    }
  }
  return known;
}

/**
 * Takes a command line apart in the way of Go's flag package, which existing manifests were written for:
 * one dash or two, `--name value` or `--name=value`, a boolean alone or with `=`; the last of several counts.
 *
 * @see https://pkg.go.dev/flag#hdr-Command_line_flag_syntax
 */
export function parseFlags(rows: readonly Setting[], argv: readonly string[]): ParsedFlags {
  const known = knownFlags(rows);
  const given = new Map<string, GivenFlag>();
  const problems: string[] = [];
  let mode: Mode = 'run';

  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const [, name = '', , value] = /^--?([^-=][^=]*)(=([\s\S]*))?$/.exec(argument) ?? [];
    const spelling = argument.split('=', 1)[0] ?? '';
    const flag = known.get(name);
    const asked = modes.get(name);

    if (asked !== undefined && value === undefined) {
      if (precedence.indexOf(asked) > precedence.indexOf(mode)) mode = asked;
    } else if (name === '') {
      // Its text is not shown: it may be a secret that got separated from its flag.
      problems.push(`argument ${index + 1} is not a flag: settings are given as --name=value or --name value`);
    } else if (flag === undefined) {
      const meant = suggest(name, [...known.keys(), ...modes.keys()]);
      problems.push(`${quote(spelling)} is not a known flag${meant === undefined ? '' : `; did you mean --${meant}?`}`);
      // What follows is most likely its value.
      if (value === undefined && argv[index + 1]?.startsWith('-') === false) index++;
    } else if (value !== undefined) {
      given.set(flag.variable, { spelling, text: value });
    } else if (flag.standsAlone) {
      const next = argv[index + 1];
      if (next !== undefined && isBooleanWord(next)) {
        // Go reads the flag as true here and everything after the word not at all.
        problems.push(`${spelling} ${next}: a boolean flag takes its value with an equals sign, ${spelling}=${next}`);
        index++;
      } else {
        given.set(flag.variable, { spelling, text: 'true' });
      }
    } else {
      const next = argv[++index];
      if (next === undefined) problems.push(`${spelling} needs a value: ${spelling}=…`);
      else given.set(flag.variable, { spelling, text: next });
    }
  }
  return { mode, given, problems };
}

/** How much of a value is shown, in characters. */
const longestShown = 80;

/** A value as a message may show it: quoted, on one line, not endless. */
export function quote(text: string): string {
  const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
