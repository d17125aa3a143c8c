import { destination } from 'pino';
import { escapeJsonText } from './control-characters.ts';
import { nameFields } from './format-version.ts';
import type { FormatVersion } from './format-version.ts';
import { logfmtLine } from './logfmt.ts';
import { prettyLine } from './pretty.ts';
import { redact } from './redact.ts';

/** Takes finished lines, each with its line feed. */
export interface LineWriter {
  /** Takes a line with its line break. */
  write(text: string): unknown;
}

/** Where lines go: those of level warn and above to `err`, the others to `out`. */
export interface Outputs {
  readonly out: LineWriter;
  readonly err: LineWriter;
}

/**
 * The standard outputs, written to synchronously, so that nothing is lost when the process ends.
 *
 * The Go handler writes JSON to the standard error alone, and lines for people to both; logfmt goes where JSON does.
 */
export function standardOutputs(format: LogFormat): Outputs {
  const err = destination({ dest: 2, sync: true });
  return { out: format === 'pretty' ? destination({ dest: 1, sync: true }) : err, err };
}

/** Lines for people, lines of JSON, or `name=value` for programs that read those. */
export type LogFormat = 'pretty' | 'json' | 'logfmt';

/** How a line's fields become a line; what JSON allows and a terminal would act on is escaped in all of them. */
const WRITERS: Readonly<Record<LogFormat, (fields: Readonly<Record<string, unknown>>) => string>> = {
  pretty: prettyLine,
  json: (fields) => escapeJsonText(JSON.stringify(fields)),
  logfmt: logfmtLine,
};

/** How finished lines look. */
export interface LineFormat {
  readonly format: LogFormat;
  readonly version: FormatVersion;
  /** Replaces secret texts in the finished line. */
  readonly censor: (line: string) => string;
}

/**
 * Finishes the lines that pino makes and sends them to their output.
 *
 * Names and secrets are settled here, on the whole line, because pino's own hooks do not see the bindings of a child.
 */
export function createDestination(outputs: Outputs, { format, version, censor }: LineFormat): LineWriter {
  return {
    write(line) {
      const fields = redact(nameFields(parse(line), version));
      const text = WRITERS[format](fields);
      const output = severe.has(fields.level) ? outputs.err : outputs.out;
      output.write(`${censor(text)}\n`);
    },
  };
}

const severe = new Set<unknown>(['warn', 'error', 'fatal']);

function parse(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
